import { type Kysely, sql } from 'kysely';
import { externalKey } from '../../policy/bindingKey.ts';
import type { Binding, GroupFact } from '../../policy/facts.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';

const EXTERNAL = externalKey('');

/**
 * Groups that have the name of a bound group which is gone. They may have had it while that one was called otherwise, so that no mark
 * tells of them when it goes; a pass over some people has to know of them, as the rule is bound to them now (semantics §5). So it has of
 * groups that have the externalId of one it has read: neither counts while no rule is bound to one of them. The groups
 * above them are left out: nobody that the pass is about is in them, or they were read before.
 * @param twins groups that were read, where rules name groups by externalId
 */
export async function takenNames(
  db: Kysely<Tables>,
  bindings: readonly Binding[],
  twins: readonly GroupFact[],
): Promise<Map<string, GroupFact>> {
  const found = new Map<string, GroupFact>();
  const wanted: readonly Pick<Binding, 'connection' | 'nameKey'>[] = [
    ...bindings.filter(({ state }) => state === 'deleted'),
    ...twins.flatMap(({ connection, externalId }) =>
      externalId === undefined ? [] : [{ connection, nameKey: externalKey(externalId) }],
    ),
  ];
  for (const connection of new Set(wanted.map((binding) => binding.connection))) {
    const keys = wanted.filter((binding) => binding.connection === connection).map(({ nameKey }) => nameKey);
    const ids = keys.filter((key) => key.startsWith(EXTERNAL)).map((key) => key.slice(EXTERNAL.length));
    const { rows } = await sql<{ id: string; display_name: string; external_id: string | null }>`
      SELECT id, display_name, external_id FROM groups
      WHERE connection = ${connection} AND ${among(sql.ref('display_name_key'), textRows(keys))}
      UNION
      SELECT id, display_name, external_id FROM groups
      WHERE connection = ${connection} AND ${among(sql.ref('external_id'), textRows(ids))}`.execute(db);
    for (const { id, display_name, external_id } of rows)
      found.set(id, {
        ...{ id, connection, displayName: display_name, parents: [] },
        ...(external_id === null ? {} : { externalId: external_id }),
      });
  }
  return found;
}
