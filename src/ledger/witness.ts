import type { Kysely } from 'kysely';
import type { Tables } from '../store/tables.ts';
import { sameValues } from './personal.ts';
import { parsed, tampering } from './record.ts';

/** A direct membership as it is stored. */
interface StoredEdge {
  readonly group: string;
  /** SCIM id of a user or a group. */
  readonly member: string;
  /** The request that is said to have made it. */
  readonly request: string | null;
}

/** Somebody as they are stored. */
type StoredPerson = Pick<Tables['users'], 'id' | 'user_name' | 'external_id' | 'email' | 'active'>;

/**
 * Holds what is stored against records that only the service can have written, inside a transaction or a reading: who can write to the
 * database alone can make everything but these.
 */
export interface Witness {
  /** Whether a membership was made by the request that is said to have made it, and nothing took it out since. */
  edge(db: Kysely<Tables>, edge: StoredEdge): Promise<boolean>;
  /** What a group was ever called, and the externalIds it ever had. */
  group(db: Kysely<Tables>, group: string): Promise<WitnessedGroup>;
  /** Whether somebody is called, and is active, as the last records of them have it; not where their values were erased. */
  person(db: Kysely<Tables>, person: StoredPerson): Promise<boolean>;
  /** The policy (digest) that came into force last for the first time; undefined where none ever did. */
  newestPolicy(db: Kysely<Tables>): Promise<string | undefined>;
  /** What operators let through on a controller, the last first. */
  releases(db: Kysely<Tables>, controller: string): Promise<readonly Release[]>;
}

interface WitnessedGroup {
  readonly names: ReadonlySet<string>;
  readonly externalIds: ReadonlySet<string>;
}

/** What one record tells of a release: how many people, some of them by SCIM id, and roles as `type:name`. */
export interface Release {
  readonly at: string;
  readonly people: number;
  readonly named: readonly string[];
  readonly roles: readonly string[];
}

/** Releases that are looked at: one is carried out soon, or is not wanted any more. */
const RELEASES = 500;

/** @param mac key of the ledger's records @param personal key of its personal values */
export function createWitness({ mac, personal }: { readonly mac: Uint8Array; readonly personal: Uint8Array }): Witness {
  return {
    async edge(db, { group, member, request }) {
      if (request === null) return false;
      const row = await recordsAbout(db, 'group', group)
        .where('kind', '=', 'scim.group.members')
        .where('body', 'like', `%"${member}"%`)
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (row === undefined || row.request !== request || tampering(mac, row) !== undefined) return false;
      const { added } = parsed(row.body) as { readonly added?: readonly string[] };
      return added?.includes(member) === true;
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
      return sound.map(({ at, body }) => {
        const { people = 0, named = [], roles = [] } = parsed(body) as Partial<Release>;
        return { at, people, named, roles };
      });
    },
  };
}

function recordsAbout(db: Kysely<Tables>, kind: 'controller' | 'group' | 'user', id: string) {
  return db.selectFrom('ledger').selectAll('ledger').where('subject_kind', '=', kind).where('subject_id', '=', id);
}

/** Whether somebody is active by records, the newest first. */
function wasActive(records: readonly { readonly kind: string; readonly body: string }[]): boolean {
  const last = records.find(({ kind }) => kind !== 'scim.user.changed');
  if (last?.kind !== 'scim.user.created') return last?.kind === 'scim.user.reactivated';
  return (parsed(last.body) as { readonly active?: boolean }).active === true;
}
