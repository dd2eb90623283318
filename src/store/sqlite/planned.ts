/**
 * A statement in the words that SQLite plans once. Where a limit is a bare value, it plans the statement anew for each execution, in
 * the hope of a better plan for that number (`sqlite3ExprIsInteger` with a variable, expr.c; `sqlite3_bind` then expires the statement):
 * three times what a look-up takes. A sum is no number to it.
 */
export function plannedOnce(sql: string): string {
  return sql.replaceAll(/\blimit\s+\?/gi, '$& + 0');
}
