import { type RawBuilder, sql } from 'kysely';
import { spelled } from '../spelling.ts';

type Expression = RawBuilder<unknown>;

/** Whether a text has another one in it. */
export function contains(text: Expression, part: string): Expression {
  return spelled(sql`instr(${text}, ${part}) > 0`, sql`strpos(${text}, ${part}) > 0`);
}

/** Whether a text ends with another one, which is not empty. */
export function endsWith(text: Expression, end: string): Expression {
  return spelled(sql`substr(${text}, -length(${end})) = ${end}`, sql`right(${text}, length(${end})) = ${end}`);
}
