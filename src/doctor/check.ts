import type { Finding, Level } from '../access/finding.ts';
import type { Probes } from './probes.ts';
import { shellWord } from './shellWord.ts';

/** What a check can find: how bad it is and what to do. `{subject}` is filled in, as a word for a shell. */
export interface Diagnosis {
  readonly level: Level;
  readonly remedy: string;
}

/** One thing a judge found. */
export interface Verdict<Code extends string = string> {
  readonly code: Code;
  readonly subject: string;
  readonly finding: string;
}

/** A pure judge over probes with the codes it can give; every code is a heading of docs/doctor.md. */
export interface Check {
  readonly codes: Readonly<Record<string, Diagnosis>>;
  judge(probes: Probes): Finding[];
}

/** Ties verdicts to their level, remedy and page. */
export function check<Code extends string>(
  codes: Readonly<Record<Code, Diagnosis>>,
  judge: (probes: Probes) => readonly Verdict<Code>[],
): Check {
  return {
    codes,
    judge: (probes) =>
      judge(probes).map(({ code, subject, finding }) => ({
        code,
        level: codes[code].level,
        subject,
        finding,
        remedy: codes[code].remedy.replaceAll('{subject}', () => shellWord(subject)),
        docs: `docs/doctor.md#${anchor(code)}`,
      })),
  };
}

/** The anchor a Markdown renderer gives a heading that is the code. */
export function anchor(code: string): string {
  return code
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');
}
