import type { LedgerEvent } from '../../access/ports/recorder.ts';
import type { UserRow } from './userRow.ts';

type Event = Pick<LedgerEvent, 'kind' | 'body' | 'personal'>;

/** A change of a person: the rows before and after, and the names of the attributes that differ. */
export interface UserChange {
  readonly before: UserRow;
  readonly after: UserRow;
  readonly names: readonly string[];
}

export function userCreated(row: UserRow): Event {
  return { kind: 'scim.user.created', body: { active: row.active === 1 }, personal: keysOf(row) };
}

/** Deactivation and reactivation are events of their own, whatever else changed with them. */
export function userEvent({ before, after, names }: UserChange): Event {
  const switched = after.active === 1 ? 'scim.user.reactivated' : 'scim.user.deactivated';
  return {
    kind: before.active === after.active ? 'scim.user.changed' : switched,
    body: { attributes: names },
    personal: {
      ...keysOf(after),
      ...(before.user_name === after.user_name ? {} : { previousUserName: before.user_name }),
      ...(before.email === after.email || before.email === null ? {} : { previousEmail: before.email }),
      ...(before.external_id === after.external_id || before.external_id === null
        ? {}
        : { previousExternalId: before.external_id }),
    },
  };
}

/** `groups` are the ids of the groups the person was a direct member of. */
export function userDeleted(row: UserRow, groups: readonly string[]): Event {
  return {
    kind: 'scim.user.deleted',
    body: { active: row.active === 1, groups: [...groups].sort() },
    personal: keysOf(row),
  };
}

function keysOf(row: UserRow): Record<string, string> {
  return {
    userName: row.user_name,
    ...(row.external_id === null ? {} : { externalId: row.external_id }),
    ...(row.email === null ? {} : { email: row.email }),
  };
}
