import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, '../../docs/postgresql.md');

/** The statements of the SQL block under a heading of docs/postgresql.md: what is written there is what is tried. */
export function documented(heading: string): string[] {
  const [, section] = readFileSync(PAGE, 'utf8').split(`\n${heading}\n`);
  const [, block] = /```sql\n(.*?)```/s.exec(section ?? '') ?? [];
  if (block === undefined) throw new Error(`there is no SQL under ${heading}`);
  return block
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
