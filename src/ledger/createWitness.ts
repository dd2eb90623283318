import type { Kysely } from 'kysely';
import type { Breathe } from '../access/ports/store.ts';
import type { Tables } from '../store/tables.ts';
import { sameValues } from './personal.ts';
import { parsed, tampering } from './record.ts';
import type { Done, Rejection, Release, Witness, Witnessed } from './witness.ts';

/** What the record of a change of the strategy says of it. */
interface Told {
  readonly controller?: string;
  readonly role?: string;
  readonly reasons?: readonly { readonly rule: string }[];
}

/** Releases that are looked at: one is carried out soon, or is not wanted any more. */
const RELEASES = 500;

/** People that are asked about at once. */
const TOGETHER = 400;

/** Records that are read at once. */
const A_PAGE = 50;

/** The same of memberships: each names a thousand people at most. */
const MEMBERSHIPS = 10;

/** @param mac key of the ledger's records @param personal key of its personal values */
export function createWitness({ mac, personal }: { readonly mac: Uint8Array; readonly personal: Uint8Array }): Witness {
  return {
    async last(db, subject, kind) {
      for (let before = Number.MAX_SAFE_INTEGER; ; ) {
        const rows = await recordsAbout(db, subject.kind, subject.id)
          .leftJoin('ledger_personal', 'ledger_personal.uid', 'ledger.uid')
          .select(['ledger_personal.salt', 'ledger_personal.content'])
          .where('kind', '=', kind)
          .where('ledger.id', '<', before)
          .orderBy('ledger.id', 'desc')
          .limit(A_PAGE)
          .execute();
        for (const { salt, content, ...row } of rows) {
          if (tampering(mac, row) !== undefined) continue;
          const kept = content !== null && salt !== null && sameValues(personal, salt, content, row.digests);
          return { body: parsed(row.body), personal: kept ? (JSON.parse(content) as Witnessed['personal']) : {} };
        }
        if (rows.length < A_PAGE) return undefined;
        before = rows.at(-1)!.id;
      }
    },

    async edge(db, { group, member, request }) {
      if (request === null) return false;
      const row = await memberships(db, group)
        .where('body', 'like', `%"${member}"%`)
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (row === undefined || row.request !== request || tampering(mac, row) !== undefined) return false;
      return changeOf(row.body).added.includes(member);
    },

    members: (db, group, breathe) => membersBy(mac, db, group, breathe),

    async lastMembers(db, group, breathe) {
      const end = await recordsAbout(db, 'group', group)
        .where('kind', '=', 'scim.group.deleted')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      const isTold = end !== undefined && tampering(mac, end) === undefined;
      return membersBy(mac, db, group, breathe, isTold ? end.id : undefined);
    },

    async group(db, group) {
      const rows = await recordsAbout(db, 'group', group)
        .where('kind', 'in', ['scim.group.created', 'scim.group.changed', 'scim.group.renamed'])
        .execute();
      const [names, externalIds] = [new Set<string>(), new Set<string>()];
      for (const row of rows) {
        if (tampering(mac, row) !== undefined) continue;
        const { displayName, to, externalId } = parsed(row.body) as Readonly<Record<string, string | null | undefined>>;
        // What it was renamed from, or is called where something else changes, is what was stored then, whoever wrote that.
        const name = row.kind === 'scim.group.created' ? displayName : to;
        if (typeof name === 'string') names.add(name);
        if (typeof externalId === 'string') externalIds.add(externalId);
      }
      return { names, externalIds };
    },

    async person(db, { id, user_name, external_id, email, active }) {
      const rows = await recordsAbout(db, 'user', id)
        .leftJoin('ledger_personal', 'ledger_personal.uid', 'ledger.uid')
        .select(['ledger_personal.salt', 'ledger_personal.content'])
        .where('kind', 'like', 'scim.user.%')
        .orderBy('ledger.id', 'desc')
        .execute();
      const sound = rows.filter(
        ({ salt, content, ...row }) =>
          tampering(mac, row) === undefined &&
          (content === null || (salt !== null && sameValues(personal, salt, content, row.digests))),
      );
      const last = JSON.parse(sound[0]?.content ?? '{}') as Readonly<Record<string, string>>;
      const same = last.userName === user_name && last.externalId === (external_id ?? undefined);
      return same && last.email === (email ?? undefined) && wasActive(sound) === (active === 1);
    },

    async declared(db, person, controller) {
      const rows = await recordsAbout(db, 'user', person)
        .where('kind', 'in', ['leaver.declared', 'leaver.lifted', 'leaver.complete', 'scim.user.reactivated'])
        .orderBy('id', 'desc')
        .execute();
      const sound = rows.filter((row) => tampering(mac, row) === undefined);
      const last = sound.find(
        ({ kind, body }) => kind !== 'leaver.complete' || (parsed(body) as Told).controller === controller,
      );
      return last?.kind === 'leaver.declared';
    },

    async resumed(db, connection) {
      const rows = await db
        .selectFrom('ledger')
        .selectAll()
        .where('subject_kind', 'is', null)
        .where('kind', '=', 'sync.resumed')
        .orderBy('id', 'desc')
        .execute();
      return rows.find((row) => isAbout(connection, row.body) && tampering(mac, row) === undefined)?.id ?? 0;
    },

    async newestPolicy(db) {
      const rows = await db
        .selectFrom('ledger')
        .selectAll()
        .where('subject_kind', '=', 'policy')
        .where('kind', '=', 'policy.activated')
        .orderBy('id')
        .execute();
      const sound = rows.filter((row) => tampering(mac, row) === undefined);
      return [...new Set(sound.flatMap(({ subject_id }) => subject_id ?? []))].at(-1);
    },

    async releases(db, controller) {
      const rows = await recordsAbout(db, 'controller', controller)
        .where('kind', '=', 'plan.released')
        .orderBy('id', 'desc')
        .limit(RELEASES)
        .execute();
      const sound = rows.filter((row) => tampering(mac, row) === undefined);
      return sound.map(({ id, at, body }) => {
        const { keys = [], named = [] } = parsed(body) as Partial<Release>;
        return { id, at: Date.parse(at), keys, named };
      });
    },

    async rejections(db, controller, breathe) {
      const found: Rejection[] = [];
      for (let before = Number.MAX_SAFE_INTEGER, more = true; more; ) {
        const rows = await recordsAbout(db, 'controller', controller)
          .where('kind', '=', 'plan.rejected')
          .where('id', '<', before)
          .orderBy('id', 'desc')
          .limit(A_PAGE)
          .execute();
        for (const row of rows) {
          if (tampering(mac, row) !== undefined) continue;
          const { digest = '', named = [], people = 0, keys } = parsed(row.body) as Partial<Rejection>;
          found.push({ id: row.id, digest, named, people, ...(keys === undefined ? {} : { keys }) });
        }
        more = rows.length === A_PAGE;
        before = rows.at(-1)?.id ?? before;
        await breathe();
      }
      return found;
    },

    async doneSince(db, controller, people, record) {
      const rows = await recordsAbout(db, 'controller', controller).where('id', '>', record).execute();
      for (let at = 0; at < people.length; at += TOGETHER)
        rows.push(
          ...(await db
            .selectFrom('ledger')
            .selectAll('ledger')
            .where('subject_kind', '=', 'user')
            .where('subject_id', 'in', people.slice(at, at + TOGETHER))
            .where('id', '>', record)
            .execute()),
        );
      return rows.flatMap((row): Done[] => {
        if (tampering(mac, row) !== undefined) return [];
        const body = parsed(row.body) as Told;
        if (body.controller !== controller || body.role === undefined) return [];
        const whose = row.subject_kind === 'user' ? { person: row.subject_id! } : {};
        const rules = (body.reasons ?? []).map(({ rule }) => rule);
        return [{ id: row.id, kind: row.kind, ...whose, rules, role: body.role }];
      });
    },
  };
}

/** Whether a record of a pause, or of its end, is about a connection, whoever wrote it. */
export function isAbout(connection: string, body: string): boolean {
  const told = parsed(body) as { readonly connections?: unknown } | null;
  return Array.isArray(told?.connections) && told.connections.includes(connection);
}

function recordsAbout(db: Kysely<Tables>, kind: string, id: string) {
  return db.selectFrom('ledger').selectAll('ledger').where('subject_kind', '=', kind).where('subject_id', '=', id);
}

/** Records of who came into a group, and who went. */
function memberships(db: Kysely<Tables>, group: string) {
  return recordsAbout(db, 'group', group).where('kind', '=', 'scim.group.members');
}

/** Who is in a group by its records, in their order: nobody went by those after `until` (a record's id). */
async function membersBy(
  mac: Uint8Array,
  db: Kysely<Tables>,
  group: string,
  breathe: Breathe,
  until = Number.POSITIVE_INFINITY,
): Promise<Set<string>> {
  const inside = new Set<string>();
  for (let after = 0, more = true; more; ) {
    const rows = await memberships(db, group).where('id', '>', after).orderBy('id').limit(MEMBERSHIPS).execute();
    for (const row of rows) {
      const { added, removed } = changeOf(row.body);
      for (const id of added) inside.add(id);
      const isTold = removed.length > 0 && row.id < until && tampering(mac, row) === undefined;
      for (const id of removed)
        if (isTold) inside.delete(id);
        else inside.add(id);
    }
    more = rows.length === MEMBERSHIPS;
    after = rows.at(-1)?.id ?? after;
    await breathe();
  }
  return inside;
}

/** Who came and who went by the body of a record, whoever wrote it: what is no list of ids names nobody. */
export function changeOf(body: string): { readonly added: readonly string[]; readonly removed: readonly string[] } {
  const told = parsed(body) as { readonly added?: unknown; readonly removed?: unknown } | null;
  const ids = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((id): id is string => typeof id === 'string') : [];
  return { added: ids(told?.added), removed: ids(told?.removed) };
}

/** Whether somebody is active by records, the newest first. */
function wasActive(records: readonly { readonly kind: string; readonly body: string }[]): boolean {
  const last = records.find(({ kind }) => kind !== 'scim.user.changed');
  if (last?.kind !== 'scim.user.created') return last?.kind === 'scim.user.reactivated';
  return (parsed(last.body) as { readonly active?: boolean }).active === true;
}
