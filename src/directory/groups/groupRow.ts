import type { Selectable } from 'kysely';
import { nameKey } from '../../policy/facts.ts';
import type { Attributes, GroupResource } from '../../scim/resource.ts';
import type { GroupsTable } from '../../store/tables/directory.ts';

export type GroupRow = Selectable<GroupsTable>;

/** By name: what a later version adds changes no statement of this one. */
export const GROUP_COLUMNS = [
  'id',
  'connection',
  'display_name',
  'display_name_key',
  'external_id',
  'document',
  'created_at',
  'modified_at',
  'version',
  'member_count',
] as const satisfies readonly (keyof GroupRow)[];

/** The columns that follow from the attributes. The document never holds members, an id or meta. */
export function groupColumns(
  attributes: Attributes,
): Pick<GroupRow, 'display_name' | 'display_name_key' | 'external_id' | 'document'> {
  const { members: _, id: __, meta: ___, schemas: ____, ...document } = attributes;
  const displayName = String(attributes.displayName);
  return {
    display_name: displayName,
    display_name_key: nameKey(displayName),
    external_id: typeof attributes.externalId === 'string' ? attributes.externalId : null,
    document: JSON.stringify(document),
  };
}

/** What the row stands for, without members. */
export function groupResource(row: GroupRow): GroupResource {
  return {
    type: 'Group',
    id: row.id,
    attributes: JSON.parse(row.document) as Attributes,
    version: row.version,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  };
}
