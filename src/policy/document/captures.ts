import type { Finding } from '../../access/finding.ts';
import { valueProblem } from '../captures/names.ts';
import { compileRegex } from '../captures/regex.ts';
import { found, type Place } from '../finding.ts';
import type { Capture } from '../policy.ts';
import type { PolicyDocument } from './schema.ts';

type CaptureDocument = NonNullable<PolicyDocument['captures']>[string];

/** A capture, or nothing where it is reported. */
export function buildCapture(
  key: string,
  written: CaptureDocument,
  place: Place,
  findings: Finding[],
): Capture | undefined {
  const { matches, max, map = {} } = written ?? {};
  const subject = `captures.${key}`;
  const regex = matches === undefined ? undefined : compileRegex(matches);
  if (typeof regex === 'string') {
    findings.push(found('policy.regex', subject, `"${matches}" is refused: ${regex}.`, place));
    return undefined;
  }
  for (const [from, to] of Object.entries(map)) {
    const problem = valueProblem(to);
    if (problem !== undefined)
      findings.push(found('policy.capture-value', subject, `${from} cannot become "${to}": ${problem}.`, place));
  }
  return {
    ...place,
    key,
    ...(regex === undefined ? {} : { matches: regex }),
    ...(max === undefined ? {} : { max }),
    map: new Map(Object.entries(map)),
  };
}
