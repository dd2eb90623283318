import { sql } from 'kysely';
import { refuse } from '../../errors.ts';
import { quoted } from '../../scim/quoted.ts';
import type { MemberRef } from '../../scim/resource.ts';
import { prepared } from '../../store/prepared.ts';
import { eachJoined, rowsOf, textRows } from '../../store/sql/lists.ts';
import type { Tx } from '../../store/store.ts';
import type { Caller } from '../directory.ts';
import { inParts, PART } from '../inParts.ts';
import { idSet } from './idSet.ts';
import { among, replacement } from './replacement.ts';

type Kind = 'User' | 'Group';

interface Edge {
  readonly member_id: string;
  readonly kind: Kind;
  readonly since: string;
  readonly request: string | null;
  readonly credential: string | null;
}

const EDGE = { member_id: 'text', kind: 'text', since: 'text', request: 'text', credential: 'text' } as const;

interface Added {
  readonly group: string;
  readonly at: string;
  readonly connection: string;
  readonly request: string;
  readonly credential: string;
  readonly ids: readonly string[];
}

/** Edges to those of the ids that there are, where there is none yet. */
const addEdges = prepared<Added, Pick<Edge, 'member_id' | 'kind'>>((value) => {
  const asked = eachJoined(value.texts('ids'));
  return sql`
    INSERT INTO members (group_id, member_id, kind, since, request, credential)
    SELECT ${value('group')}, found.id, found.kind, ${value('at')}, ${value('request')}, ${value('credential')} FROM (
      SELECT users.id AS id, 'User' AS kind FROM ${asked} users ON users.id = asked.value
        WHERE users.connection = ${value('connection')}
      UNION ALL
      SELECT groups.id, 'Group' FROM ${asked} groups ON groups.id = asked.value
        WHERE groups.connection = ${value('connection')}
    ) AS found WHERE true
    ON CONFLICT (group_id, member_id) DO NOTHING RETURNING member_id, kind`;
});

/** The same for one id. */
export const addEdge = prepared<Omit<Added, 'ids'> & { readonly id: string }, Pick<Edge, 'member_id' | 'kind'>>(
  (value) => sql`
    INSERT INTO members (group_id, member_id, kind, since, request, credential)
    SELECT ${value('group')}, found.id, found.kind, ${value('at')}, ${value('request')}, ${value('credential')} FROM (
      SELECT id, 'User' AS kind FROM users WHERE id = ${value('id')} AND connection = ${value('connection')}
      UNION ALL
      SELECT id, 'Group' FROM groups WHERE id = ${value('id')} AND connection = ${value('connection')}
    ) AS found WHERE true
    ON CONFLICT (group_id, member_id) DO NOTHING RETURNING member_id, kind`,
);

/** Takes one out. */
export const takeEdge = prepared<{ group: string; id: string }, Edge>(
  (value) => sql`DELETE FROM members WHERE group_id = ${value('group')} AND member_id = ${value('id')}
    RETURNING member_id, kind, since, request, credential`,
);

const takeEdges = prepared<Pick<Added, 'group' | 'ids'>, Edge>(
  (value) => sql`DELETE FROM members WHERE group_id = ${value('group')} AND member_id IN ${idSet(value.texts('ids'))}
    RETURNING member_id, kind, since, request, credential`,
);

/**
 * The changes to the members of one group in one transaction. Each is one statement whatever the group's size, as long as it is
 * not about more than `PART` ids; nothing is read to be changed. What was taken out and put back counts as never gone and keeps its age.
 */
export class Membership {
  readonly #tx: Tx;
  readonly #group: string;
  readonly #caller: Caller;
  readonly #at: string;
  readonly #added = new Map<string, Kind>();
  readonly #removed = new Map<string, Edge>();

  constructor(tx: Tx, group: string, caller: Caller, at: string) {
    this.#tx = tx;
    this.#group = group;
    this.#caller = caller;
    this.#at = at;
  }

  /** Ids that are members now and were not. */
  get added(): ReadonlyMap<string, Kind> {
    return this.#added;
  }

  /** Ids that were members and are not any more. */
  get removed(): ReadonlyMap<string, { readonly kind: Kind }> {
    return this.#removed;
  }

  /**
   * Adds those that are not members yet. @throws ScimError SCIM_MEMBERS if an id does not exist in the connection, SCIM_VALUE if one
   * that is added is of another type than is said, and the caller has to say it right
   */
  async add(members: readonly MemberRef[]): Promise<void> {
    const said = new Map(members.map(({ value, type }) => [value, type]));
    await inParts([...said.keys()], this.#tx.breathe, (ids) => this.#add(ids, said));
  }

  async #add(ids: readonly string[], said: ReadonlyMap<string, Kind | undefined>): Promise<void> {
    const { connection, request, credential } = this.#caller;
    const how = { group: this.#group, at: this.#at, connection, request, credential };
    const { rows } = await (ids.length === 1
      ? addEdge(this.#tx.db, { ...how, id: ids[0]! })
      : addEdges(this.#tx.db, { ...how, ids }));
    if (rows.length < ids.length) await this.#requireMembers(ids);
    const back: Edge[] = [];
    for (const { member_id: id, kind } of rows) {
      if (kind !== (said.get(id) ?? kind)) this.#mistyped(id, kind);
      const edge = this.#removed.get(id);
      if (edge === undefined) this.#added.set(id, kind);
      else back.push(edge);
      this.#removed.delete(id);
    }
    if (back.length > 0) await this.#restore(back);
  }

  #mistyped(id: string, kind: Kind): void {
    const { mistyped } = this.#caller;
    if (mistyped === undefined) throw refuse('SCIM_VALUE', { reason: `The member ${quoted(id)} is a ${kind}` });
    mistyped();
  }

  /** Removes those that are members. */
  async remove(ids: readonly string[]): Promise<void> {
    await inParts(ids, this.#tx.breathe, async (ids) => {
      const group = this.#group;
      const { rows } = await (ids.length === 1
        ? takeEdge(this.#tx.db, { group, id: ids[0]! })
        : takeEdges(this.#tx.db, { group, ids }));
      this.#went(rows);
    });
  }

  /** Members are these from now on: a set difference; `size` is how many there were. @throws ScimError SCIM_MEMBERS */
  async replace(members: readonly MemberRef[], size: number): Promise<void> {
    const wanted = members.map((member) => member.value);
    if (Math.max(wanted.length, size) <= PART) {
      await this.#delete(sql`AND member_id NOT IN ${idSet(wanted)}`);
      await this.add(members);
      return;
    }
    const { missing, extra } = await replacement(this.#tx.db, this.#group, wanted, this.#tx.breathe);
    await this.remove(extra);
    await this.add(among(members, missing));
  }

  /** Takes everybody out; `size` is how many there were. */
  async clear(size: number): Promise<void> {
    if (size <= PART) await this.#delete(sql``);
    else await this.replace([], size);
  }

  async #delete(which: ReturnType<typeof sql>): Promise<void> {
    const { rows } = await sql<Edge>`DELETE FROM members WHERE group_id = ${this.#group} ${which}
      RETURNING member_id, kind, since, request, credential`.execute(this.#tx.db);
    this.#went(rows);
  }

  #went(edges: readonly Edge[]): void {
    for (const edge of edges) if (!this.#added.delete(edge.member_id)) this.#removed.set(edge.member_id, edge);
  }

  /** Everybody asked for is a member by now, unless there is no such id. */
  async #requireMembers(ids: readonly string[]): Promise<void> {
    const { rows } = await sql<{ value: string }>`SELECT value FROM (${textRows(ids)}) AS asked
      WHERE value NOT IN (SELECT member_id FROM members WHERE group_id = ${this.#group}
        AND member_id IN ${idSet(ids)}) LIMIT 1`.execute(this.#tx.db);
    if (rows.length > 0) throw refuse('SCIM_MEMBERS');
  }

  async #restore(edges: readonly Edge[]): Promise<void> {
    const back = edges.map(({ member_id, kind, since, request, credential }) => [
      member_id,
      kind,
      since,
      request,
      credential,
    ]);
    await sql`INSERT INTO members (group_id, member_id, kind, since, request, credential)
      SELECT ${this.#group}, member_id, kind, since, request, credential FROM ${rowsOf(EDGE, back)} AS back WHERE true
      ON CONFLICT (group_id, member_id) DO UPDATE
      SET since = excluded.since, request = excluded.request, credential = excluded.credential`.execute(this.#tx.db);
  }
}
