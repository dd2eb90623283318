import type { Finding } from '../../access/finding.ts';
import { fitted } from '../printable.ts';

const WORD = { error: 'ERROR', warning: 'WARN ', info: 'INFO ' } as const;

/** Most findings of one code that are shown to people: hundreds of one kind hide the others. */
const SHOWN = 10;

/** Findings for people: code and subject, what was found, what to do, where to read; of a code with many, the first ones and their number. */
export function findingsText(findings: readonly Finding[], nothing: string): string {
  if (findings.length === 0) return `${nothing}\n`;
  const blocks = [...Map.groupBy(findings, ({ level, code }) => `${level} ${code}`).values()].flatMap((alike) =>
    alike.length > SHOWN ? [...alike.slice(0, SHOWN).map(block), theRest(alike)] : alike.map(block),
  );
  return fitted(`${blocks.join('\n')}\n${summary(findings)}\n`);
}

function block({ code, level, subject, finding, remedy, docs, file, line }: Finding): string {
  const place = file === undefined ? '' : `  ${file}${line === undefined ? '' : `:${line}`}\n`;
  return `${WORD[level]} ${code}  ${subject}\n${place}  ${finding}\n  Remedy: ${remedy}\n  See ${docs}\n`;
}

function theRest(alike: readonly Finding[]): string {
  const { code, level } = alike[0]!;
  return `${WORD[level]} ${code}  and ${alike.length - SHOWN} more; --json has all\n`;
}

function summary(findings: readonly Finding[]): string {
  const count = (level: Finding['level']): number => findings.filter((finding) => finding.level === level).length;
  return `${count('error')} error(s), ${count('warning')} warning(s), ${count('info')} notice(s)`;
}
