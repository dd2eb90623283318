import type { Finding } from '../../access/finding.ts';
import { fitted } from '../printable.ts';

const WORD = { error: 'ERROR', warning: 'WARN ', info: 'INFO ' } as const;

/** Findings for people: code and subject, what was found, what to do, where to read. */
export function findingsText(findings: readonly Finding[], nothing: string): string {
  if (findings.length === 0) return `${nothing}\n`;
  const blocks = findings.map(({ code, level, subject, finding, remedy, docs, file, line }) => {
    const place = file === undefined ? '' : `  ${file}${line === undefined ? '' : `:${line}`}\n`;
    return `${WORD[level]} ${code}  ${subject}\n${place}  ${finding}\n  Remedy: ${remedy}\n  See ${docs}\n`;
  });
  return fitted(`${blocks.join('\n')}\n${summary(findings)}\n`);
}

function summary(findings: readonly Finding[]): string {
  const count = (level: Finding['level']): number => findings.filter((finding) => finding.level === level).length;
  return `${count('error')} error(s), ${count('warning')} warning(s), ${count('info')} notice(s)`;
}
