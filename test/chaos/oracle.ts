import { CONNECTIONS, type ConnectionName } from './configuration.ts';
import { CONTROLLERS, type ControllerName, type Each, each, fold, foldOn, isGuarded } from './controllers.ts';
import { Directory } from './directory.ts';
import type { Group, Identity, Person, Wanted } from './known.ts';
import { EXTERNAL } from './names.ts';
import { ABOVE, auditorOf, type PolicyShape, type RuleShape, rulesOf } from './policies.ts';

// What has to be true of every controller, by semantics.md and policy.md alone: nothing here knows the product's code.

/** So long a clock that leapt is not trusted, and a look more. */
const DOUBT_MS = 50 * 60_000;

export class Oracle extends Directory {
  shape: PolicyShape;
  /** Group by connection and name, since it was met first. */
  #bindings = new Map<string, string>();
  #persons = new Map<string, string>();
  /** Auditors are called otherwise since all was quiet: who is kept is kept by the new name. */
  #moved = false;
  #ended = new Set<string>();
  /** Over by the clock, whether it is to be trusted or not. */
  readonly #due = new Set<string>();
  /** Folded ids by person, on each controller. */
  readonly claims: Each<Map<string, string>> = each(() => new Map());
  /** Ids that were ever somebody's there. */
  readonly everClaimed: Each<Set<string>> = each(() => new Set());
  /** Who held something by a rule, by controller, rule, role and group, when all was quiet. */
  #heldBy = new Map<string, Set<string>>();
  /** Held losses were let go: what is only kept may be gone. */
  released = false;
  /** Every id that somebody had for a moment, folded: whether a look fell into it is not ours to say. */
  readonly passed = new Set<string>();
  /** Names that somebody had for a moment alone and made a token by, until all was looked at. */
  readonly moments: Each<Map<string, Person>> = each(() => new Map());
  /** Whom an operator declared leavers. */
  readonly declared = new Set<string>();
  /** Whom an operator ever declared one: what they ask for is cut, whatever the mode, once nobody else has it. */
  readonly everDeclared = new Set<string>();
  /** Of those, who was pushed as inactive since all was looked at: where nobody looked before they were back, the word stands. */
  readonly outdated = new Set<string>();
  /** Whose state went to and fro since all was quiet. */
  readonly touched = new Set<string>();
  /** Connections that are paused: their people keep what they have. */
  readonly paused = new Set<ConnectionName>();
  /** Whose people go before those of the other one. */
  primary: ConnectionName = 'okta';
  /** Which attribute is the id: an edit of the file counts once an operator applied it. */
  readonly identity: Record<ControllerName, Identity> = each(() => 'userName');
  /** People whose ids an operator gave free though what is owed there is not paid. */
  readonly freed = new Set<string>();
  /** When the clock was set last (monotonic milliseconds): for a while nothing has to end by it, and nothing may before its time. */
  doubted = Number.NEGATIVE_INFINITY;
  #isDoubtful = false;
  /** Who owed something on a controller that an operator let go of: nothing is proven of them there. */
  readonly letGo = new Set<string>();
  /** By person, ids they asked for since all was quiet on a controller, folded: whether a look fell between them is not ours to say. */
  readonly #lately: Each<Map<string, Set<string>>> = each(() => new Map());

  constructor(shape: PolicyShape) {
    super();
    this.shape = shape;
  }

  edit(shape: PolicyShape): void {
    this.#moved ||= shape.renamed !== this.shape.renamed;
    this.shape = shape;
    this.#bindings.clear();
    const named = new Set(rulesOf(shape).map(({ id }) => id));
    for (const id of this.#persons.keys()) if (!named.has(id)) this.#persons.delete(id);
  }

  /** The id somebody asks for on a controller, folded; undefined where they have no such attribute. */
  wish(controller: ControllerName, { userName, externalId }: Person): string | undefined {
    const name = this.identity[controller] === 'userName' ? userName : externalId;
    return name === undefined ? undefined : foldOn(controller, name);
  }

  isPaused({ connection }: Person): boolean {
    return this.paused.has(connection);
  }

  /** Somebody is called so now. */
  called(person: Person): void {
    for (const controller of CONTROLLERS) {
      const wish = this.wish(controller, person);
      const lately = this.#lately[controller];
      if (wish !== undefined) lately.set(person.id, (lately.get(person.id) ?? new Set()).add(wish));
    }
  }

  /** A declared leaver is pushed as inactive. */
  undeclare(person: string): void {
    if (this.declared.delete(person)) this.outdated.add(person);
  }

  /** All is as it has to be on these controllers: what was before needs no doubt any more. */
  quiet(works: readonly ControllerName[], all: boolean): void {
    if (all) this.#moved = false;
    for (const id of this.touched) if (!this.isPaused(this.people.get(id)!)) this.touched.delete(id);
    for (const name of works)
      for (const id of this.#lately[name].keys())
        if (!this.isPaused(this.people.get(id)!)) this.#lately[name].delete(id);
  }

  /** An operator let go of a controller: whoever left before keeps what is there. */
  let(name: ControllerName): void {
    const claims = this.claims[name];
    for (const person of this.people.values()) {
      if (this.counts(person)) continue;
      this.letGo.add(person.id);
      claims.delete(person.id);
    }
    this.everClaimed[name].clear();
    for (const id of claims.values()) this.everClaimed[name].add(id);
    this.moments[name].clear();
  }

  /** Everything was read there: nobody can act by what somebody was called for a moment. */
  forgetMoments(name: ControllerName): void {
    for (const [id, person] of this.moments[name]) if (!this.isPaused(person)) this.moments[name].delete(id);
  }

  /** Whether somebody counts as active. */
  counts(person: Person): boolean {
    return person.active && !person.deleted && !this.declared.has(person.id);
  }

  /** Names meet groups, rules meet people, what is over is over. */
  meet({
    now,
    monotonic,
    behind,
  }: {
    readonly now: number;
    readonly monotonic: number;
    readonly behind: number;
  }): void {
    this.#isDoubtful = behind > 0 || monotonic < this.doubted + DOUBT_MS;
    for (const rule of rulesOf(this.shape)) {
      const names = rule.perTeam
        ? [...this.groups.values()]
            .filter(
              ({ deleted, connection, name }) =>
                !deleted && connection === rule.connection && teamOf(name) !== undefined,
            )
            .map(({ name }) => name)
        : rule.groups;
      for (const name of [...names, ...(rule.unless === undefined ? [] : [rule.unless])])
        this.#meet(rule.connection, name);
      if (rule.user === undefined || this.paused.has(rule.connection)) continue;
      const person = this.personCalled(rule.connection, rule.user);
      if (person !== undefined && !this.#persons.has(rule.id)) this.#persons.set(rule.id, person.id);
      // It ends for whom it is about: a rule that nobody had when it was over can be given another end.
      if (!this.#isDoubtful && now >= rule.until! && this.#persons.has(rule.id)) this.#ended.add(rule.id);
      if (now >= rule.until!) this.#due.add(rule.id);
    }
    for (const [key, id] of this.#bindings)
      if (this.groups.get(id)!.deleted) {
        const [connection, name] = key.split(' ') as [ConnectionName, string];
        this.#meet(connection, name);
      }
  }

  #meet(connection: ConnectionName, name: string): void {
    const key = `${connection} ${fold(name)}`;
    const bound = this.#bindings.get(key);
    if (bound !== undefined && !this.groups.get(bound)!.deleted) return;
    const byId = isExternal(name);
    const found = byId ? this.groupWith(connection, name.slice(EXTERNAL.length)) : this.groupCalled(connection, name);
    // A group that a rule follows by its former name grants by that one, and not by the new one; so with externalIds.
    const followed = [...this.#bindings].some(
      ([other, id]) => id === found?.id && isExternal(other.slice(other.indexOf(' ') + 1)) === byId,
    );
    if (found !== undefined && !followed) this.#bindings.set(key, found.id);
  }

  #bound(connection: ConnectionName, name: string): Group | undefined {
    const id = this.#bindings.get(`${connection} ${fold(name)}`);
    return id === undefined ? undefined : this.groups.get(id);
  }

  /** Whether nothing need end by the clock just now. */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  /** Rules for one person whose name is another one's now. */
  namesakes(): string[] {
    return rulesOf(this.shape).flatMap(({ id, connection, user }) => {
      const first = this.#persons.get(id);
      const person = user === undefined ? undefined : this.personCalled(connection, user);
      return person === undefined || first === undefined || first === person.id ? [] : [id];
    });
  }

  /**
   * Who has which id on a controller; `taken` are ids whose former owner's debt is not paid, `told` the ids that the service says people
   * have: it decides where a look may have fallen between two names.
   */
  claim(controller: ControllerName, taken: ReadonlyMap<string, string>, told: ReadonlyMap<string, string>): void {
    const before = this.claims[controller];
    const after = new Map<string, string>();
    const owners = new Map<string, string>();
    const take = (person: Person, id: string): void => {
      after.set(person.id, id);
      owners.set(id, person.id);
      this.everClaimed[controller].add(id);
    };
    const formerly = (person: string): string | undefined => {
      const id = told.get(person);
      return id !== undefined && this.#lately[controller].get(person)?.has(id) ? id : before.get(person);
    };
    for (const connection of CONNECTIONS.toSorted((one) => (one === this.primary ? -1 : 1))) {
      if (this.paused.has(connection)) {
        for (const person of this.people.values()) {
          const kept = person.connection === connection ? formerly(person.id) : undefined;
          if (kept !== undefined && !owners.has(kept)) take(person, kept);
        }
        continue;
      }
      const asking = this.living().filter((one) => one.connection === connection && this.counts(one));
      const isFree = (id: string | undefined, person: string): id is string =>
        id !== undefined &&
        !isGuarded(id) &&
        (owners.get(id) ?? person) === person &&
        (taken.get(id) ?? person) === person;
      for (let settled = false; !settled; ) {
        settled = true;
        for (const person of asking) {
          if (after.has(person.id)) continue;
          const kept = formerly(person.id);
          if (isFree(this.wish(controller, person), person.id)) continue;
          if (kept !== undefined && isFree(kept, person.id)) {
            take(person, kept);
            settled = false;
          }
        }
      }
      for (const person of asking) {
        const wish = this.wish(controller, person);
        if (!after.has(person.id) && isFree(wish, person.id)) take(person, wish);
      }
    }
    // Who is inactive is asked about the id they had when they left; later names may be asked about, and need not be.
    for (const person of this.living()) {
      const wish = this.wish(controller, person);
      if (!this.counts(person) && wish !== undefined) this.passed.add(wish);
    }
    before.clear();
    for (const [person, id] of after) before.set(person, id);
  }

  /** Ids that whoever is inactive may be asked about. */
  asked(controller: ControllerName): ReadonlySet<string | undefined> {
    return new Set([...this.people.values()].flatMap((one) => (this.counts(one) ? [] : [this.wish(controller, one)])));
  }

  ownerOf(controller: ControllerName, id: string): Person | undefined {
    const found = [...this.claims[controller]].find(([, claimed]) => claimed === id);
    return found === undefined ? undefined : this.people.get(found[0]);
  }

  /** Entries by `role id`; `has` tells what stands there, and whether it is the service's. Remembers who holds by which rule. */
  wanted(
    controller: ControllerName,
    has: (role: string, id: string) => 'ours' | 'theirs' | undefined,
  ): Map<string, Wanted> {
    const found = new Map<string, Wanted>();
    const heldNow = new Map<string, Set<string>>();
    const memoryOf = (rule: RuleShape, role: string, group?: Group): string =>
      `${controller} ${rule.was ?? rule.id} ${rule.role === 'auditor' ? rule.role : role} ${group?.id}`;
    const give = (
      { rule, role, group }: { readonly rule: RuleShape; readonly role: string; readonly group?: Group },
      person: string,
      must: boolean,
      by: 'rules' | 'kept',
    ): void => {
      const id = this.claims[controller].get(person);
      if (id === undefined || !this.counts(this.people.get(person)!) || this.isPaused(this.people.get(person)!)) return;
      const key = `${role} ${id}`;
      const wanted = found.get(key) ?? { must: false, rules: new Set(), kept: new Set() };
      wanted.must ||= must;
      wanted[by].add(rule.id);
      found.set(key, wanted);
      const memory = memoryOf(rule, role, group);
      heldNow.set(memory, (heldNow.get(memory) ?? new Set()).add(person));
    };
    const keep = (rule: RuleShape, role: string, group: Group, among?: Iterable<string>): void => {
      const held = this.#heldBy.get(memoryOf(rule, role, group));
      for (const person of among ?? held ?? []) {
        const id = this.claims[controller].get(person);
        const moves = this.#moved && rule.role === 'auditor' && held?.has(person) === true ? 'ours' : undefined;
        const there = id === undefined ? undefined : (has(role, id) ?? moves);
        const wasIn = group.last?.has(person) !== false;
        if (there === undefined || (!wasIn && group.hadNested !== true)) continue;
        const must =
          wasIn && there === 'ours' && held?.has(person) === true && !this.released && !this.touched.has(person);
        give({ rule, role, group }, person, must, 'kept');
      }
    };
    for (const rule of rulesOf(this.shape)) {
      if (rule.only !== undefined && rule.only !== controller) continue;
      if (rule.user !== undefined) {
        const person = this.people.get(this.#persons.get(rule.id) ?? '');
        const is = person !== undefined && !person.deleted && fold(person.userName) === fold(rule.user);
        if (is && !this.#ended.has(rule.id))
          give({ rule, role: this.roleOf(rule) }, person.id, !this.#due.has(rule.id), 'rules');
        continue;
      }
      for (const [role, group] of this.#instances(rule)) {
        if (group.deleted) {
          keep(rule, role, group);
          continue;
        }
        const members = this.membersOf(group);
        const unless = rule.unless === undefined ? undefined : this.#bound(rule.connection, rule.unless);
        if (rule.unless !== undefined && (unless === undefined || unless.deleted)) {
          keep(rule, role, group, members);
          continue;
        }
        const out = unless === undefined ? new Set<string>() : this.membersOf(unless);
        for (const person of members) if (!out.has(person)) give({ rule, role, group }, person, true, 'rules');
      }
    }
    for (const [key, people] of this.#heldBy) {
      if (!key.startsWith(`${controller} `)) continue;
      const stay = [...people].filter((person) => this.isPaused(this.people.get(person)!));
      if (stay.length > 0) heldNow.set(key, (heldNow.get(key) ?? new Set()).union(new Set(stay)));
    }
    for (const key of [...this.#heldBy.keys()]) if (key.startsWith(`${controller} `)) this.#heldBy.delete(key);
    for (const [key, people] of heldNow) this.#heldBy.set(key, people);
    return found;
  }

  /** What a role is called on the controllers. */
  roleOf({ role }: Pick<RuleShape, 'role'>): string {
    return role === 'auditor' ? auditorOf(this.shape) : role;
  }

  #instances(rule: RuleShape): [string, Group][] {
    if (!rule.perTeam)
      return rule.groups.flatMap((name): [string, Group][] => {
        const group = this.#bound(rule.connection, name);
        return group === undefined ? [] : [[this.roleOf(rule), group]];
      });
    return [...this.#bindings].flatMap(([key, id]): [string, Group][] => {
      const [connection, name] = key.split(' ') as [ConnectionName, string];
      const team = teamOf(name);
      if (connection !== rule.connection || team === undefined) return [];
      const group = this.groups.get(id)!;
      return [[`${team}-developer`, group], ...(this.shape.parents ? [[ABOVE, group] as [string, Group]] : [])];
    });
  }

  /** Whether anybody owes anything there: people who left and had an id, or ids that nobody has any more. */
  goneIds(controller: ControllerName): string[] {
    const owned = new Set(this.claims[controller].values());
    return [...this.everClaimed[controller]].filter((id) => !owned.has(id));
  }
}

function isExternal(name: string): boolean {
  return fold(name).startsWith(fold(EXTERNAL));
}

function teamOf(name: string): string | undefined {
  return /^ci-([a-z][a-z0-9]*)-dev$/i.exec(name)?.[1]?.toLowerCase();
}
