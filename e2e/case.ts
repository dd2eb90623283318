import type { Stage } from './stage.ts';

export interface Scene {
  readonly stage: Stage;
  /** Begins every name that the run makes: `e2e-3fa9c1-`. */
  readonly prefix: string;
  /** Fences, always higher than the last one. */
  fence(): number;
  /** Runs after the case, whatever came of it; the last one first. */
  afterwards(undo: () => Promise<void> | void): void;
}

export interface Case {
  readonly name: string;
  /** It restarts the controller: left out with --no-restart. */
  readonly restarts?: true;
  run(scene: Scene): Promise<string | undefined>;
}

export interface Outcome {
  readonly name: string;
  readonly result: 'ok' | 'FAILED' | 'skipped';
  readonly milliseconds: number;
  /** What the case says of itself, or why it failed. */
  readonly remark: string;
}

/** Thrown by a case that this controller cannot play; it shows in the table. */
export class NotTried extends Error {}

/** Runs one case and what it wants done afterwards. A trouble in cleaning up fails the case, too. */
export async function runCase(one: Case, scene: Omit<Scene, 'afterwards'>, monotonic: () => number): Promise<Outcome> {
  const undo: (() => Promise<void> | void)[] = [];
  const started = monotonic();
  const end = (result: Outcome['result'], remark: string): Outcome => ({
    name: one.name,
    result,
    milliseconds: monotonic() - started,
    remark,
  });
  let outcome: Outcome;
  try {
    outcome = end('ok', (await one.run({ ...scene, afterwards: (step) => undo.push(step) })) ?? '');
  } catch (error) {
    outcome =
      error instanceof NotTried ? end('skipped', `NOT TRIED: ${messageOf(error)}`) : end('FAILED', messageOf(error));
  }
  for (const step of undo.toReversed()) {
    try {
      await step();
    } catch (error) {
      outcome = end('FAILED', `${outcome.remark} cleaning up: ${messageOf(error)}`.trim());
    }
  }
  return outcome;
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').slice(0, 400);
}
