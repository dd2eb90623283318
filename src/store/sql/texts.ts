import { type RawBuilder, sql } from 'kysely';
import { spelled } from '../spelling.ts';

type Expression = RawBuilder<unknown>;

/**
 * A text as `fold` of access has it. SQLite asks JavaScript about what is not ASCII alone: each call takes ten times as long, and what it
 * leaves behind is collected when the statement is over.
 */
export function foldedText(text: Expression): Expression {
  return spelled(
    sql`(SELECT CASE WHEN typeof(own) <> 'text' THEN own WHEN length(own) = octet_length(own) THEN lower(own) ELSE fold(own) END
      FROM (SELECT ${text} AS own))`,
    sql`fold(${text})`,
  );
}

/** A folded text as `oneSigma` of access has it. */
export function oneSigma(folded: Expression): Expression {
  return sql`replace(${folded}, 'ς', 'σ')`;
}

/** Whether a text begins with another one. */
export function begins(text: Expression, start: string): Expression {
  return sql`substr(${text}, 1, length(${start})) = ${start}`;
}

/** Whether a text has another one in it. */
export function contains(text: Expression, part: string): Expression {
  return spelled(sql`instr(${text}, ${part}) > 0`, sql`strpos(${text}, ${part}) > 0`);
}

/** Whether a text ends with another one, which is not empty. */
export function endsWith(text: Expression, end: string): Expression {
  return spelled(sql`substr(${text}, -length(${end})) = ${end}`, sql`right(${text}, length(${end})) = ${end}`);
}
