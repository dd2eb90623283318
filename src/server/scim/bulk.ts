import type { FastifyInstance, FastifyRequest } from 'fastify';
import { breather, inTurns } from '../../access/breather.ts';
import { fold } from '../../access/fold.ts';
import type { Breathe } from '../../access/ports/store.ts';
import { type Creation, CreationError } from '../../directory/directory.ts';
import { uniquePaths } from '../../directory/unique/uniquePaths.ts';
import { refuse } from '../../errors.ts';
import { bulkOrder, MOST_IN_CIRCLE, type Unit } from '../../scim/bulk/order.ts';
import { referencesIn, resolved, type Walk } from '../../scim/bulk/references.ts';
import { type BulkEntry, type BulkOperation, isBroken, readBulkRequest } from '../../scim/bulk/request.ts';
import { readTags } from '../../scim/etag.ts';
import { readResource } from '../../scim/intake/resource.ts';
import { quoted } from '../../scim/quoted.ts';
import { BULK_RESPONSE } from '../../scim/urns.ts';
import { identify } from '../access.ts';
import { type BulkAnswer, BulkAnswers } from './bulkAnswers.ts';
import { type Asked, asked, send } from './conversation.ts';
import { type ScimDeps, scimRoute } from './deps.ts';
import { createGroup, deleteGroup, patchGroup, readGroup, replaceGroup } from './groupActions.ts';
import { type Action, createUser, deleteUser, patchUser, replaceUser } from './userActions.ts';

/** Operations on people that are done side by side, so that they share commits. */
const SIDE_BY_SIDE = 64;
/** References of all operations together. */
const MOST_REFERENCES = 50_000;

const ACTIONS = {
  User: { POST: createUser, PUT: replaceUser, PATCH: patchUser, DELETE: deleteUser },
  Group: { POST: createGroup, PUT: replaceGroup, PATCH: patchGroup, DELETE: deleteGroup },
} as const;

/** /Bulk (RFC 7644 §3.7): each operation is all or nothing and has its own outcome; scopes are asked for by each of them. */
export function bulkRoutes(app: FastifyInstance, deps: ScimDeps): void {
  app.post('/Bulk', { config: scimRoute('bulk') }, async (request, reply) => {
    const who = asked(request, deps);
    const { entries, failOnErrors = Number.POSITIVE_INFINITY } = await readBulkRequest(request.body, who.dialect, {
      deepest: deps.limits.jsonDepth,
      pause: breather(deps.timers),
    });
    request.charge(entries.length);
    const run = new BulkRun(entries, who, request, deps);
    const answers = await run.upTo(failOnErrors);
    return send(reply, 200, { schemas: [BULK_RESPONSE], Operations: answers });
  });
}

class BulkRun {
  readonly #entries: readonly BulkEntry[];
  readonly #who: Asked;
  readonly #request: FastifyRequest;
  readonly #deps: ScimDeps;
  readonly #references: ReadonlySet<string>[] = [];
  /** Places of the POSTs, by bulkId. */
  readonly #posts = new Map<string, number>();
  readonly #answers: BulkAnswers;
  readonly #breathe: Breathe;
  readonly #walk: Walk;
  /** Names that a change to what nobody else may have says, in small letters: the attribute, or its schema alone. */
  readonly #unique: readonly string[];

  constructor(entries: readonly BulkEntry[], who: Asked, request: FastifyRequest, deps: ScimDeps) {
    this.#entries = entries;
    this.#who = who;
    this.#request = request;
    this.#deps = deps;
    this.#breathe = breather(deps.timers);
    this.#walk = { reading: who.dialect, effort: { spent: 0 } };
    this.#answers = new BulkAnswers(entries, { ...deps, request: request.id });
    const paths = uniquePaths(who.dialect.catalogue).User.flatMap(({ schema, attribute }) => [schema, attribute]);
    this.#unique = ['userName', ...paths].map((name) => name.toLowerCase());
    for (const [place, entry] of entries.entries())
      if (entry.method === 'POST' && entry.bulkId !== undefined && !this.#posts.has(entry.bulkId))
        this.#posts.set(entry.bulkId, place);
  }

  /** Does the operations until so many have failed; the answers of those that were tried, in the order of the request. */
  async upTo(failures: number): Promise<readonly BulkAnswer[]> {
    await this.#collectReferences();
    const units = bulkOrder(this.#waiting());
    for (let at = 0; at < units.length && this.#answers.failed < failures; ) {
      const together = this.#sideBySide(units, at, Math.min(SIDE_BY_SIDE, failures - this.#answers.failed));
      await Promise.all(together.map((unit) => this.#unit(unit)));
      at += together.length;
    }
    return this.#answers.given();
  }

  /** In parts: a large body takes its turns. @throws ScimError SCIM_TOO_MANY */
  async #collectReferences(): Promise<void> {
    let total = 0;
    for (const entry of this.#entries) {
      const found: ReadonlySet<string> = isBroken(entry)
        ? new Set()
        : await inTurns(referencesIn(entry, this.#walk), this.#breathe);
      this.#references.push(found);
      total += found.size;
      if (total > MOST_REFERENCES)
        throw refuse('SCIM_TOO_MANY', {
          reason: `The operations refer to each other more than ${MOST_REFERENCES} times`,
        });
    }
  }

  /** Each waits for what it refers to, and for earlier operations on the same resource. */
  #waiting(): number[][] {
    const last = new Map<string, number>();
    return this.#entries.map((entry, place) => {
      const before = [...this.#references[place]!].flatMap((reference) => this.#posts.get(reference) ?? []);
      if (isBroken(entry) || entry.id === undefined) return before;
      const resource = `${entry.type} ${entry.id}`;
      const earlier = last.get(resource);
      last.set(resource, place);
      return earlier === undefined ? before : [...before, earlier];
    });
  }

  /** The next unit, or as many as can be done in any order with the same outcome. */
  #sideBySide(units: readonly Unit[], at: number, most: number): readonly Unit[] {
    const subjects = new Set<string>();
    let end = at;
    while (end < units.length && end - at < most) {
      const subject = this.#independent(units[end]!);
      if (subject === undefined || subjects.has(subject)) break;
      subjects.add(subject);
      end += 1;
    }
    return units.slice(at, Math.max(end, at + 1));
  }

  /**
   * What a unit is about, if it can be done beside others that are about something else: it creates a person, or changes one without
   * what nobody else may have, and refers to nobody.
   */
  #independent({ members, circular }: Unit): string | undefined {
    const entry = this.#entries[members[0]!]!;
    if (circular || isBroken(entry) || entry.type !== 'User' || this.#references[members[0]!]!.size > 0)
      return undefined;
    if (entry.method === 'POST') {
      const name = nameIn(entry.data);
      return name === undefined ? undefined : `name ${name}`;
    }
    if (entry.method !== 'PATCH') return undefined;
    const text = JSON.stringify(entry.data ?? null).toLowerCase();
    return this.#unique.some((name) => text.includes(name)) ? undefined : `id ${entry.id}`;
  }

  async #unit({ members, circular }: Unit): Promise<void> {
    if (circular) return this.#circle(members);
    const [place] = members as readonly [number];
    try {
      const entry = this.#entries[place]!;
      if (isBroken(entry)) throw entry.error;
      this.#requireScope(entry);
      this.#requireReferences(place, new Set());
      await this.#perform(entry, place);
    } catch (error) {
      this.#answers.fail(place, error);
    }
  }

  /** Resources that refer to each other: created in one transaction, so that a failure leaves none of them. */
  async #circle(members: readonly number[]): Promise<void> {
    try {
      if (members.length > MOST_IN_CIRCLE)
        throw refuse('SCIM_BULK_CIRCLE', { count: members.length, limit: MOST_IN_CIRCLE });
      const places = new Map(members.map((place, index) => [place, index]));
      const creations = members.map((place): Creation => {
        const entry = this.#entries[place] as BulkOperation;
        return {
          caller: this.#caller(place),
          make: async (idOf) => {
            this.#requireScope(entry);
            this.#requireReferences(place, places);
            const body = await this.#resolved(entry, (bulkId) => {
              const index = places.get(this.#posts.get(bulkId) ?? -1);
              return index === undefined ? this.#answers.ids.get(bulkId) : idOf(index);
            });
            const { dialect } = this.#who;
            const isUser = entry.type === 'User';
            const read = isUser ? readResource('User', body, dialect) : await readGroup({ body, dialect }, this.#deps);
            return { type: entry.type, ...read };
          },
        };
      });
      const created = await this.#deps.directory.createTogether(creations);
      for (const [index, place] of members.entries()) this.#answers.created(place, created[index]!);
    } catch (error) {
      const cause = error instanceof CreationError ? error.cause : error;
      const culprit = error instanceof CreationError ? members[error.index]! : undefined;
      const { bulkId = '' } = this.#entries[culprit ?? members[0]!]!;
      for (const place of members)
        this.#answers.fail(
          place,
          culprit === undefined || place === culprit
            ? cause
            : refuse('SCIM_BULK_REFERENCE', { reference: quoted(bulkId) }),
        );
    }
  }

  async #perform(operation: BulkOperation, place: number): Promise<void> {
    const { method, type, version, data } = operation;
    const refers = this.#references[place]!.size > 0;
    const body = refers ? await this.#resolved(operation, (bulkId) => this.#answers.ids.get(bulkId)) : data;
    const id = this.#answers.idOf(operation) ?? '';
    const match = readTags(version);
    const condition = match === undefined ? undefined : { match };
    const action: Action = { ...this.#who, caller: this.#caller(place), id, condition, body };
    const actions = ACTIONS[type];
    switch (method) {
      case 'POST':
        return this.#answers.created(place, await actions.POST(action, this.#deps));
      case 'DELETE':
        await actions.DELETE(action, this.#deps);
        return this.#answers.done(place, '204');
      default:
        return this.#answers.done(place, '200', (await actions[method](action, this.#deps)).resource);
    }
  }

  /** Its data with ids in the place of references, in parts. */
  #resolved(operation: BulkOperation, idOf: (bulkId: string) => string | undefined): Promise<unknown> {
    return inTurns(resolved(operation, this.#walk, idOf), this.#breathe);
  }

  /** @throws ScimError SCIM_BULK_OPERATION for references to nothing, SCIM_BULK_REFERENCE to what failed; `meanwhile` is created with it */
  #requireReferences(place: number, meanwhile: { has(place: number): boolean }): void {
    for (const reference of this.#references[place]!) {
      const post = this.#posts.get(reference);
      if (post === undefined)
        throw refuse('SCIM_BULK_OPERATION', { reason: `There is no operation with the bulkId ${quoted(reference)}` });
      if (!meanwhile.has(post) && !this.#answers.ids.has(reference))
        throw refuse('SCIM_BULK_REFERENCE', { reference: quoted(reference) });
    }
  }

  #requireScope({ type }: BulkOperation): void {
    const scope = type === 'User' ? 'users:write' : 'groups:write';
    if (!identify(this.#request).scopes.includes(scope)) throw refuse('AUTH_SCOPE', { scope });
  }

  /** Each operation has an id of its own in journal and ledger. */
  #caller(place: number): Asked['caller'] {
    return { ...this.#who.caller, request: `${this.#who.caller.request}:${place + 1}` };
  }
}

/** The userName of a new person, folded; undefined where it is not there exactly once. */
function nameIn(data: unknown): string | undefined {
  if (data === null || typeof data !== 'object') return undefined;
  const named = Object.entries(data).filter(([key]) => /(^|:)username$/i.test(key));
  const [, name] = named[0] ?? [];
  return named.length === 1 && typeof name === 'string' ? fold(name) : undefined;
}
