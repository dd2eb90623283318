import type { Check } from './check.ts';
import type { Exception } from './exceptions.ts';

export interface Judged {
  readonly passed: readonly Check[];
  readonly failed: readonly Check[];
  readonly skipped: readonly Check[];
  /** Failed as argued. */
  readonly excepted: readonly Check[];
  /** Exceptions of this suite that nothing needed. */
  readonly unused: readonly Exception[];
}

/** Sorts what a suite found by what it means for us. */
export function judge(suite: string, checks: readonly Check[], exceptions: readonly Exception[]): Judged {
  const own = exceptions.filter((exception) => exception.suite === suite);
  const used = new Set<Exception>();
  const excepted: Check[] = [];
  const failed: Check[] = [];
  for (const item of checks.filter(({ outcome }) => outcome === 'failed')) {
    const exception = own.find(({ check, reason }) => check === item.name && reason.test(item.reason));
    if (exception === undefined) failed.push(item);
    else {
      used.add(exception);
      excepted.push(item);
    }
  }
  return {
    passed: checks.filter(({ outcome }) => outcome === 'passed'),
    failed,
    skipped: checks.filter(({ outcome }) => outcome === 'skipped'),
    excepted,
    unused: own.filter((exception) => !used.has(exception)),
  };
}
