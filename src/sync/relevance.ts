import { type Kysely, sql } from 'kysely';
import type { PolicyTarget } from '../policy/evaluation.ts';
import type { GroupFact } from '../policy/facts.ts';
import { textRows } from '../store/sql/lists.ts';
import type { Tables } from '../store/tables.ts';
import type { Pending } from './distribute.ts';
import type { PolicyInForce } from './policyInForce.ts';
import { bindingsOf } from './stored.ts';

/**
 * Which marks of groups concern no rule: neither the group nor a group above it is one that a rule names or is bound to, and
 * nobody in it holds anything through nesting, which may just have ended. Their members need not be looked at, however many they
 * are: an identity provider pushes groups for other purposes too.
 */
export async function irrelevantMarks(
  db: Kysely<Tables>,
  policy: PolicyInForce,
  target: PolicyTarget,
  primaryConnection: string,
  marks: readonly Pending[],
): Promise<Pending[]> {
  const groups = marks.filter(({ kind }) => kind === 'group');
  if (groups.length === 0) return [];
  const bindings = await bindingsOf(db);
  const lines = await lineages(db, [...new Set(groups.map(({ id }) => id))]);
  const facts = new Map([...lines.values()].flat().map((group) => [group.id, group]));
  const { bind } = policy.evaluate(
    { people: [], groups: facts, bindings, expired: new Set(), now: 0, primaryConnection },
    target,
  );
  const named = new Set([...bindings, ...bind].map(({ group }) => group));
  const unnamed = groups.filter(({ id }) => !named.has(id) && !(lines.get(id) ?? []).some(({ id }) => named.has(id)));
  const nested = await holdByNesting(db, target.name, [...new Set(unnamed.map(({ id }) => id))]);
  return unnamed.filter(({ id }) => !nested.has(id));
}

/** Groups in which somebody holds an entry that came by a nested group. */
async function holdByNesting(db: Kysely<Tables>, controller: string, ids: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const id of ids) {
    const { rows } = await sql`
      WITH RECURSIVE below (id) AS (
        ${textRows([id])}
        UNION
        SELECT m.member_id FROM members m JOIN below b ON m.group_id = b.id WHERE m.kind = 'Group')
      SELECT 1 AS held FROM below b
      JOIN members m ON m.group_id = b.id AND m.kind = 'User'
      JOIN entries e ON e.person = m.member_id AND e.controller = ${controller}
      WHERE e.desired = 1 AND e.reasons LIKE ${'%"via":[%'} LIMIT 1`.execute(db);
    if (rows.length > 0) found.add(id);
  }
  return found;
}

/** Each group with all groups above it; a group that is gone has none. */
async function lineages(db: Kysely<Tables>, ids: readonly string[]): Promise<Map<string, GroupFact[]>> {
  const lines = new Map<string, GroupFact[]>();
  for (const id of ids) {
    const rows = await sql<{ id: string; connection: string; display_name: string; external_id: string | null }>`
      WITH RECURSIVE up (id) AS (
        ${textRows([id])}
        UNION
        SELECT m.group_id FROM members m JOIN up ON m.member_id = up.id)
      SELECT g.id, g.connection, g.display_name, g.external_id FROM groups g JOIN up ON g.id = up.id`.execute(db);
    lines.set(
      id,
      rows.rows.map((row) => ({
        id: row.id,
        connection: row.connection,
        displayName: row.display_name,
        parents: [],
        ...(row.external_id === null ? {} : { externalId: row.external_id }),
      })),
    );
  }
  return lines;
}
