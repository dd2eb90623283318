import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import { roleKey } from '../../access/role.ts';
import type { FactsReader } from '../../directory/facts/facts.ts';
import type { PolicyTarget } from '../../policy/evaluation.ts';
import type { Binding, Facts, GroupFact } from '../../policy/facts.ts';
import { textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import type { Pending } from '../pace/distribute.ts';
import type { PolicyInForce } from '../policy/policyInForce.ts';
import { bindingsOf, entriesOf, expiredKeys } from '../state/stored.ts';

interface Looking {
  readonly policy: PolicyInForce;
  readonly target: PolicyTarget;
  readonly primaryConnection: string;
  readonly reader: FactsReader;
  /** Milliseconds since the epoch by which `until` is judged. */
  readonly now: number;
}

/**
 * Which marks of groups concern no rule: neither the group nor a group above it is one that a rule names or is bound to, and
 * everybody in it is given exactly what is stored already. What led them to a rule, or an `unless` kept them from it, may just
 * have ended: a group that was taken out of another tells nothing about it any more. Such members need not be looked at on the
 * controller, however many they are: an identity provider pushes groups for other purposes too.
 */
export async function irrelevantMarks(
  db: Kysely<Tables>,
  looking: Looking,
  marks: readonly Pending[],
  breathe: Breathe,
): Promise<Pending[]> {
  const groups = marks.filter(({ kind }) => kind === 'group');
  if (groups.length === 0) return [];
  const bindings = await bindingsOf(db);
  const lines = await lineages(db, [...new Set(groups.map(({ id }) => id))]);
  const facts = new Map([...lines.values()].flat().map((group) => [group.id, group]));
  const { bind } = evaluated(looking, { people: [], groups: facts, bindings, expired: new Set() });
  const named = new Set([...bindings, ...bind].map(({ group }) => group));
  const unnamed = groups.filter(({ id }) => !named.has(id) && !(lines.get(id) ?? []).some(({ id }) => named.has(id)));
  const settled: Pending[] = [];
  for (const mark of unnamed) if (await allGivenAsStored(db, looking, bindings, mark, breathe)) settled.push(mark);
  return settled;
}

/** People that are judged together: a group may hold everybody. */
const TOGETHER = 1_000;

/** Whether the rules give everybody in a group, nested ones included, what the stored reasons say and nothing else. */
async function allGivenAsStored(
  db: Kysely<Tables>,
  looking: Looking,
  bindings: readonly Binding[],
  mark: Pending,
  breathe: Breathe,
): Promise<boolean> {
  const members = await looking.reader.below(db, [mark.id], breathe);
  for (let at = 0; at < members.length; at += TOGETHER) {
    if (!(await givenAsStored(db, looking, bindings, members.slice(at, at + TOGETHER), breathe))) return false;
    await breathe();
  }
  return true;
}

async function givenAsStored(
  db: Kysely<Tables>,
  looking: Looking,
  bindings: readonly Binding[],
  members: readonly string[],
  breathe: Breathe,
): Promise<boolean> {
  const marks = members.map((id) => ({ kind: 'user' as const, id }));
  const { people, groups } = await looking.reader.some(db, marks, breathe);
  if (people.length === 0) return true;
  const evaluation = evaluated(looking, { people, groups, bindings, expired: await expiredKeys(db) });
  const whom = new Set(people.map(({ id }) => id));
  const stored = new Map<string, string>();
  for (const row of await entriesOf(db, looking.target.name, whom))
    if (row.desired === 1) stored.set(`${row.person} ${row.role_type}:${row.role_name}`, row.reasons);
  let met = 0;
  for (const { person, role, reasons } of [...evaluation.grants, ...evaluation.frozen]) {
    if (person === undefined) continue;
    if (stored.get(`${person} ${roleKey(role)}`) !== JSON.stringify(reasons)) return false;
    met += 1;
  }
  return met === stored.size;
}

function evaluated(
  { policy, target, primaryConnection, now }: Looking,
  facts: Omit<Facts, 'now' | 'primaryConnection'>,
) {
  return policy.evaluate({ ...facts, now, primaryConnection }, target);
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
