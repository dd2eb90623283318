import { sql } from 'kysely';
import { refuse } from '../errors.ts';
import type { AttributePath } from '../scim/filter/filter.ts';
import { values } from '../scim/filter/matches.ts';
import { attributePath } from '../scim/filter/resolve.ts';
import type { Attributes, ResourceType } from '../scim/resource.ts';
import type { Catalogue } from '../scim/schemas/catalogue.ts';
import type { Tx } from '../store/store.ts';
import { condition } from './search/condition.ts';

/** Attributes of extensions whose values belong to one resource of a connection (RFC 7643 §7, uniqueness). */
export type UniquePaths = Readonly<Record<ResourceType, readonly AttributePath[]>>;

export const NOTHING_UNIQUE: UniquePaths = Object.freeze({ User: [], Group: [] });

/** Those of a catalogue; userName and displayName have an index of their own. */
export function uniquePaths({ types }: Catalogue): UniquePaths {
  const of = (type: ResourceType): AttributePath[] =>
    types[type].extensions.flatMap(({ urn, attributes }) =>
      attributes
        .filter(({ uniqueness }) => uniqueness !== 'none')
        .map((definition) => attributePath({ schema: urn, definition })),
    );
  return { User: of('User'), Group: of('Group') };
}

/**
 * Looks whether another resource of the connection has a value that is new to this one. It reads the documents of the connection,
 * for there is no index, and only where such a value changes. @throws ScimError SCIM_UNIQUENESS
 */
export async function requireUnique(
  tx: Tx,
  paths: readonly AttributePath[],
  { type, id, connection }: { readonly type: ResourceType; readonly id: string; readonly connection: string },
  before: Attributes,
  after: Attributes,
): Promise<void> {
  for (const path of paths) {
    const old = new Set(values(path, before));
    for (const value of values(path, after)) {
      if (old.has(value) || value === null || typeof value === 'object') continue;
      const wanted = value as string | number | boolean;
      const same = condition(type, { kind: 'compare', path, operator: 'eq', value: wanted });
      const table = sql.table(type === 'User' ? 'users' : 'groups');
      const { rows } = await sql<{ id: string }>`SELECT ${table}.id AS id FROM ${table}
        WHERE ${table}.connection = ${connection} AND ${same} LIMIT 2`.execute(tx.db);
      if (rows.some((row) => row.id !== id))
        throw refuse('SCIM_UNIQUENESS', {
          attribute: path.attribute,
          value: String(wanted),
          resource: type.toLowerCase(),
        });
    }
  }
}
