import type { LedgerEvent } from '../../access/ports/recorder.ts';
import type { GroupRow } from './groupRow.ts';

type Event = Pick<LedgerEvent, 'kind' | 'body' | 'personal'>;
type Called = Pick<GroupRow, 'display_name' | 'external_id'>;

const IDS_A_RECORD = 1_000;

export function groupCreated({ display_name, external_id }: Called): Event {
  const body = { displayName: display_name, ...(external_id === null ? {} : { externalId: external_id }) };
  return { kind: 'scim.group.created', body };
}

/** A rename is an event of its own: rules bind to names once (semantics §5). An externalId is told where it changed, null where it went. */
export function groupChanged(before: Called, after: Called, attributes: readonly string[]): Event {
  const [from, to] = [before.display_name, after.display_name];
  const more = { attributes, ...(attributes.includes('externalId') ? { externalId: after.external_id } : {}) };
  if (from === to) return { kind: 'scim.group.changed', body: { displayName: to, ...more } };
  return { kind: 'scim.group.renamed', body: { from, to, ...more } };
}

/** `parents` are the ids of the groups it was a direct member of. */
export function groupDeleted(displayName: string, members: number, parents: readonly string[]): Event {
  return { kind: 'scim.group.deleted', body: { displayName, members, groups: [...parents].sort() } };
}

/**
 * Who came and who went, complete; as many records of a thousand ids as it takes, each made when it is asked for. `cleared`: a
 * removal named nobody.
 */
export function* membersChanged(
  displayName: string,
  added: Iterable<string>,
  removed: Iterable<string>,
  cleared: boolean,
): Generator<Event> {
  const came = [...added];
  const went = [...removed];
  const parts = Math.ceil((came.length + went.length) / IDS_A_RECORD);
  for (let part = 0; part < parts; part++) {
    const from = part * IDS_A_RECORD;
    const to = from + IDS_A_RECORD;
    yield {
      kind: 'scim.group.members',
      body: {
        displayName,
        added: came.slice(from, to).sort(),
        removed: went.slice(Math.max(0, from - came.length), Math.max(0, to - came.length)).sort(),
        ...(cleared ? { cleared } : {}),
        ...(parts > 1 ? { part: part + 1, parts } : {}),
      },
    };
  }
}
