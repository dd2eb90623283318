import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, '../../docs/postgresql.md');

/** The statements of the SQL blocks under a heading of docs/postgresql.md: what is written there is what is tried. */
export function documented(heading: string): string[] {
  const [, rest = ''] = readFileSync(PAGE, 'utf8').split(`\n${heading}\n`);
  const [section = ''] = rest.split('\n## ');
  const blocks = [...section.matchAll(/```sql\n(.*?)```/gs)].map(([, block]) => block!);
  if (blocks.length === 0) throw new Error(`there is no SQL under ${heading}`);
  return blocks
    .join('\n')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
