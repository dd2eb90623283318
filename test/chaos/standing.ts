import type { Step } from '../../src/plan/step.ts';
import { assess } from '../../src/sync/assess.ts';
import { certificateOf } from '../../src/sync/certificate.ts';
import { explain } from '../../src/sync/explain.ts';
import { ghostsOf } from '../../src/sync/ghosts.ts';
import { liveOf } from '../../src/sync/memory.ts';
import { CONTROLLERS, type ControllerName, type House } from './house.ts';
import { fold, isGuarded, type Oracle, ROLES, type Wanted } from './oracle.ts';

const NONE: ReadonlySet<string> = new Set();
const LATER: ReadonlySet<string> = new Set(['needs']);
/** Holds of a definition: somebody whom hands put there would gain. */
const UPDATES: ReadonlySet<string> = new Set(['unmanaged-gain', 'protected']);
const roleOf = (key: string): string => key.slice(0, key.indexOf(' '));
const typeOf = (role: string): 'global' | 'item' => (role.endsWith('-developer') || role === 'qa' ? 'item' : 'global');

/** Losses that may wait for a person here; ceilings by number are out of reach. */
const LOSSES = new Set(['bound-group', 'whole-group', 'whole-connection', 'last-administrator', 'needs']);

const CEILINGS = new Set([
  ...['losses.disableUsers', 'losses.revokeGrants', 'losses.revokeAdministrators'],
  ...['gains.administrators', 'gains.grantsPerPerson', 'gains.createRoles'],
]);

interface Credentials {
  tokens: number;
  /** Since these were made their owner neither left nor was called otherwise nor had nothing there. */
  safe: boolean;
}

/** What stands on the controllers, and who put it there. */
export class Standing {
  readonly #house: House;
  readonly #oracle: Oracle;
  /** `role id` that hands made, and that are not ours. */
  readonly #byHand: Readonly<Record<ControllerName, Set<string>>> = { ci: new Set(), cd: new Set() };
  readonly #owned: Readonly<Record<ControllerName, Set<string>>> = { ci: new Set(), cd: new Set() };
  readonly #last: Record<ControllerName, string> = { ci: '', cd: '' };
  readonly #credentials: Readonly<Record<ControllerName, Map<string, Credentials>>> = { ci: new Map(), cd: new Map() };
  readonly #edited: Record<ControllerName, boolean> = { ci: false, cd: false };
  readonly #pages: Partial<Record<ControllerName, { save(): void }>> = {};
  readonly #wanted: Record<ControllerName, Map<string, Wanted>> = { ci: new Map(), cd: new Map() };
  readonly #handRoles: Readonly<Record<ControllerName, Set<string>>> = { ci: new Set(), cd: new Set() };

  readonly #tight: boolean;
  /** Whom an operator let go past the ceilings. */
  readonly nowFor = new Set<string>();

  constructor(house: House, oracle: Oracle, tight: boolean) {
    this.#tight = tight;
    this.#house = house;
    this.#oracle = oracle;
  }

  /** `role id` of everybody who stands there, ids folded. */
  #entries(name: ControllerName): Map<string, number> {
    const found = new Map<string, number>();
    for (const role of ROLES)
      for (const id of this.#house.practices[name].look.holders(role)) {
        const key = `${role} ${fold(id)}`;
        found.set(key, (found.get(key) ?? 0) + 1);
      }
    return found;
  }

  #print(name: ControllerName): string {
    const { look } = this.#house.practices[name];
    return JSON.stringify([
      [...this.#entries(name).keys()].sort(),
      look.roles('global').map((role) => role.permissions),
      look.roles('item').map((role) => [role.name, role.permissions]),
    ]);
  }

  /** Credentials by hand and entries by hand. */
  hand(name: ControllerName, edit: number, who: string, roleNumber: number): string {
    const { hands, look } = this.#house.practices[name];
    const there = ROLES.filter((role) => look.roles(typeOf(role)).some((one) => one.name === role));
    const role = there[roleNumber % Math.max(1, there.length)];
    const before = this.#entries(name);
    let text = `hand on ${name}: `;
    const key = role === undefined ? undefined : { type: typeOf(role), name: role };
    switch (edit % 10) {
      case 0:
      case 1:
        if (key === undefined) return `${text}nothing`;
        hands.grant(key, who);
        text += `grant ${role} to ${who}`;
        break;
      case 2:
      case 3: {
        if (key === undefined || isGuarded(fold(who))) return `${text}nothing`;
        const held = look.holders(key.name).filter((id) => fold(id) === fold(who));
        for (const id of held) hands.revoke(key, id);
        text += `revoke ${role} of ${held}`;
        break;
      }
      case 4: {
        if (isGuarded(fold(who))) return `${text}nothing`;
        hands.mintToken(who);
        const known = this.#credentials[name].get(fold(who)) ?? { tokens: 0, safe: false };
        const owner = this.#oracle.ownerOf(name, fold(who));
        const entitled = [...this.#wanted[name]].some(([entry, { must }]) => must && entry.endsWith(` ${fold(who)}`));
        const safe =
          (known.tokens === 0 || known.safe) && owner !== undefined && entitled && !this.#oracle.touched.has(owner.id);
        this.#credentials[name].set(fold(who), { tokens: known.tokens + 1, safe });
        text += `token of ${who} ${safe}`;
        break;
      }
      case 5: {
        if (role === undefined || role === 'qa' || role === 'administrator') return `${text}nothing`;
        const found = look.roles(typeOf(role)).find((one) => one.name === role)!;
        hands.defineRole({
          type: typeOf(role),
          name: role,
          pattern: found.pattern,
          permissions: [...found.permissions, 'hudson.model.Item.Configure'],
        });
        text += `redefine ${role}`;
        break;
      }
      case 6:
        if (key === undefined || role === 'qa') return `${text}nothing`;
        hands.deleteRole(key);
        text += `delete ${role}`;
        break;
      case 7:
        this.#pages[name] = hands.assignRolesPage();
        return `${text}page opened`;
      case 9: {
        const free = ['pay-developer', 'web-developer', 'auditor'].find((one) => !there.includes(one));
        if (free === undefined) return `${text}nothing`;
        hands.defineRole({
          type: typeOf(free),
          name: free,
          pattern: typeOf(free) === 'global' ? '.*' : 'x/.*',
          permissions: ['hudson.model.Item.Read'],
        });
        this.#handRoles[name].add(free);
        text += `define ${free}`;
        break;
      }
      default:
        if (this.#pages[name] === undefined) return `${text}nothing`;
        this.#pages[name]!.save();
        delete this.#pages[name];
        text += 'page saved';
    }
    const after = this.#entries(name);
    for (const entry of after.keys())
      if (!before.has(entry) && !this.#owned[name].has(entry)) this.#byHand[name].add(entry);
    for (const entry of before.keys()) if (!after.has(entry)) this.#byHand[name].delete(entry);
    this.#edited[name] = true;
    this.#last[name] = this.#print(name);
    return text;
  }

  lookAside(name: ControllerName): void {
    this.#edited[name] = true;
  }

  moved(id: string): void {
    for (const name of CONTROLLERS) {
      const known = this.#credentials[name].get(id);
      if (known !== undefined) known.safe = false;
    }
  }

  /** Roles made by hand that were not adopted. */
  async #foreign(name: ControllerName): Promise<Set<string>> {
    const { look } = this.#house.practices[name];
    const owned = await this.#house.store.read((db) =>
      db.selectFrom('owned_roles').select('role_name').where('controller', '=', name).execute(),
    );
    return new Set(
      ROLES.filter(
        (role) =>
          role !== 'qa' &&
          this.#handRoles[name].has(role) &&
          look.roles(typeOf(role)).some((one) => one.name === role) &&
          !owned.some((one) => one.role_name === role),
      ),
    );
  }

  adopted(name: ControllerName): void {
    for (const [key, { must }] of this.#wanted[name])
      if (must && this.#byHand[name].delete(key)) this.#owned[name].add(key);
  }

  async #unpaid(name: ControllerName): Promise<Map<string, string>> {
    const rows = await this.#house.store.read((db) =>
      db.selectFrom('debts').selectAll().where('controller', '=', name).execute(),
    );
    return new Map(
      rows
        .filter(({ state, cause }) => state === 'held' && cause !== 'unentitled')
        .map((row) => [row.folded_id, row.person]),
    );
  }

  /** What is otherwise than it has to be; `settled`: hands did nothing since the last whole look. */
  async compare(name: ControllerName, settled: boolean, whole: boolean): Promise<string[]> {
    const problems: string[] = [];
    const oracle = this.#oracle;
    oracle.claim(name, await this.#unpaid(name));
    const there = this.#entries(name);
    const wanted = oracle.wanted(name, (role, id) => there.has(`${role} ${id}`));
    this.#wanted[name] = wanted;
    if (!settled && this.#edited[name]) return [];
    const held = await this.#house.store.read((db) =>
      db.selectFrom('held').selectAll().where('controller', '=', name).execute(),
    );
    const waits = new Map(
      held
        .filter(({ state }) => state !== 'released')
        .map(({ step, ceiling, state }) => {
          const parsed = JSON.parse(step) as {
            kind: string;
            role?: { name: string };
            principal?: { id: string };
            id?: string;
          };
          return [
            `${parsed.kind} ${parsed.role?.name} ${fold(parsed.principal?.id ?? parsed.id ?? '')}`,
            state === 'rejected' ? state : ceiling,
          ];
        }),
    );
    const foreign = await this.#foreign(name);
    for (const [key, wants] of wanted) if (foreign.has(roleOf(key))) wants.must = false;
    const isHeld = (ceiling: string | undefined, others: ReadonlySet<string>): boolean =>
      ceiling !== undefined &&
      (ceiling === 'rejected' || others.has(ceiling) || (this.#tight && CEILINGS.has(ceiling)));
    for (const [key, { must, rules }] of wanted)
      if (must && !there.has(key) && !isHeld(waits.get(`grant ${key}`), this.#tight ? LATER : NONE))
        problems.push(
          `${name}: ${key} is not there, by ${[...rules]}; ${waits.get(`grant ${key}`) ?? 'nothing'} holds it`,
        );
    const gone = new Set(oracle.goneIds(name));
    const leaversHeld = [...waits].some(
      ([, ceiling]) =>
        ceiling === 'whole-connection' || ceiling === 'losses.disableUsers' || ceiling === 'last-administrator',
    );
    for (const [key, count] of there) {
      const id = key.slice(key.indexOf(' ') + 1);
      if (count > 1) problems.push(`${name}: ${key} stands there ${count} times`);
      if (foreign.has(roleOf(key)) && !this.#byHand[name].has(key) && !this.#owned[name].has(key))
        problems.push(`${name}: ${key} was put into a role made by hand`);
      if (wanted.has(key) || isGuarded(id) || (id === 'bot' && key.startsWith('auditor '))) continue;
      const ceiling = waits.get(`revoke ${key}`);
      if (isHeld(ceiling, LOSSES)) continue;
      if (gone.has(id)) {
        if (!leaversHeld) problems.push(`${name}: ${key} stands there though nobody is called so any more`);
      } else if (!this.#byHand[name].has(key))
        problems.push(
          `${name}: ${key} stands there, no rule gives it${ceiling === undefined ? '' : `, held by ${ceiling}`}`,
        );
    }
    for (const key of this.#byHand[name]) {
      const id = key.slice(key.indexOf(' ') + 1);
      const passed = oracle.passed.has(id);
      if (!there.has(key) && !gone.has(id) && !passed && !wanted.has(key))
        problems.push(`${name}: ${key} was made by hand and is gone`);
    }
    for (const id of gone) {
      if (leaversHeld) continue;
      const { tokens, sshKeys, sshSessions } = this.#house.practices[name].look.person(id);
      if ((whole || !this.#edited[name]) && tokens + sshKeys + sshSessions > 0)
        problems.push(`${name}: ${id} can still act with ${tokens} tokens though nobody is called so any more`);
    }
    for (const [id, { tokens, safe }] of this.#credentials[name]) {
      const entitled = [...wanted].some(([key, { must }]) => must && key.endsWith(` ${id}`));
      const known = this.#house.practices[name].look.person(id).tokens;
      if (safe && entitled && known !== tokens)
        problems.push(`${name}: ${id} has ${known} tokens instead of ${tokens}`);
    }
    for (const [key, { must }] of wanted) {
      const role = roleOf(key);
      if (!must || role === 'qa' || !there.has(key)) continue;
      const found = this.#house.practices[name].look.roles(typeOf(role)).find((one) => one.name === role);
      const expected = this.#permissions(role);
      if (isHeld(waits.get(`update-role ${role} `), UPDATES)) continue;
      if (`${[...(found?.permissions ?? [])].sort()}` !== `${expected}`)
        problems.push(
          `${name}: ${role} is defined as ${found?.permissions} instead of ${expected}; ${waits.get(`update-role ${role} `) ?? 'nothing'} holds it`,
        );
    }
    return problems;
  }

  #permissions(role: string): string[] {
    if (role === 'administrator') return ['hudson.model.Hudson.Administer'];
    if (role === 'browser' || role === 'auditor') return ['hudson.model.Hudson.Read', 'hudson.model.View.Read'];
    return [
      'hudson.model.Item.Build',
      ...(this.#oracle.shape.moreForDevelopers ? ['hudson.model.Item.Cancel'] : []),
      'hudson.model.Item.Read',
    ];
  }

  /** All is as it has to be: who owns what from here on. */
  async remember(name: ControllerName, settled: boolean): Promise<void> {
    if (!settled && this.#edited[name]) return;
    if (settled) this.#edited[name] = false;
    const there = this.#entries(name);
    for (const [key, { must }] of this.#wanted[name]) {
      if (!there.has(key) || !must) continue;
      const matched = key.startsWith('qa ') && this.#byHand[name].has(key);
      if (matched) continue;
      this.#owned[name].add(key);
      this.#byHand[name].delete(key);
    }
    for (const key of this.#byHand[name]) if (!there.has(key)) this.#byHand[name].delete(key);
    for (const [id, known] of this.#credentials[name]) {
      const entitled = [...this.#wanted[name]].some(([key, { must }]) => must && key.endsWith(` ${id}`));
      const { tokens } = this.#house.practices[name].look.person(id);
      if (!entitled || tokens === 0) this.#credentials[name].set(id, { tokens, safe: false });
      else if (known.tokens !== tokens) this.#credentials[name].set(id, { tokens, safe: false });
    }
    this.#last[name] = this.#print(name);
  }

  /** Where the service must not act, nothing changed but by hand. */
  untouched(name: ControllerName): string[] {
    const now = this.#print(name);
    const problems =
      now === this.#last[name]
        ? []
        : [`${name} was changed though it is only observed or paused: ${this.#last[name]} became ${now}`];
    this.#last[name] = now;
    return problems;
  }

  /** A certificate is complete exactly when nothing is left. */
  async certificates(works: readonly ControllerName[], idle: readonly ControllerName[]): Promise<string[]> {
    const problems: string[] = [];
    for (const person of this.#oracle.people.values()) {
      if (this.#oracle.counts(person)) continue;
      const asked = {
        id: person.id,
        connection: person.connection,
        userName: person.userName,
        state: person.deleted ? 'deleted' : 'leaver',
      } as const;
      const certificate = await this.#house.store.read((db) =>
        certificateOf(db, asked, this.#house.config(), this.#house.ledger.departures),
      );
      const unpaid =
        works.length === 2 &&
        (await Promise.all(works.map((name) => this.#unpaid(name)))).some((map) =>
          [...map.values()].includes(person.id),
        );
      if (idle.length === 0 && !unpaid && !certificate.complete && !isGuarded(fold(person.userName)))
        problems.push(
          `${person.userName} ${person.id.slice(-4)} left, and the certificate is not complete: ${JSON.stringify(certificate.controllers)}`,
        );
      if (unpaid && certificate.complete)
        problems.push(`${person.userName} left, is held, and the certificate is complete`);
    }
    return problems;
  }

  /** `explain` tells the rules of what is there, and nothing of what is not. */
  async explained(name: ControllerName): Promise<string[]> {
    const problems: string[] = [];
    const context = this.#house.command();
    const config = this.#house.config().controllers.find((one) => one.name === name)!;
    const there = this.#entries(name);
    for (const person of this.#oracle.living()) {
      const told = await explain(context, config, person.id, {});
      const id = this.#oracle.claims[name].get(person.id);
      if ((told.jenkinsId === null ? undefined : fold(told.jenkinsId)) !== id)
        problems.push(
          `${name}: explain calls ${person.userName} ${person.id.slice(-4)} ${told.jenkinsId} instead of ${id}`,
        );
      if (id === undefined) {
        if (told.grants.some(({ effective }) => effective))
          problems.push(
            `${name}: explain tells grants of ${person.userName}, who has no id: ${JSON.stringify(told.grants)}`,
          );
        continue;
      }
      for (const role of ROLES) {
        const key = `${role} ${id}`;
        const wanted = this.#wanted[name].get(key);
        const grant = told.grants.find((one) => one.role === role);
        const rules = [...new Set(grant?.reasons.map(({ rule }) => rule) ?? [])].sort();
        if (wanted?.must && there.has(key)) {
          if (
            grant?.effective !== true ||
            grant.loss !== undefined ||
            grant.overdue ||
            `${rules}` !== `${[...wanted.rules].sort()}`
          )
            problems.push(`${name}: explain tells ${JSON.stringify(grant)} of ${key} instead of ${[...wanted.rules]}`);
        } else if (wanted === undefined && grant !== undefined && !(grant.loss !== undefined && there.has(key)))
          problems.push(
            `${name}: explain tells ${JSON.stringify(grant)} of ${key}, which no rule gives; it is ${there.has(key) ? '' : 'not '}there`,
          );
      }
    }
    return problems;
  }

  /** A plan that is made now finds nothing to do. */
  async planned(name: ControllerName): Promise<string[]> {
    const context = this.#house.command();
    const live = await liveOf(context, context.controller(name), {});
    const config = context.config.controllers.find((one) => one.name === name)!;
    const { verdict } = await assess(context, config, live, 'all', {
      by: 'automatic',
      policy: await context.policy.current(),
    });
    const ghosts = await ghostsOf(context, config, context.controller(name));
    const alive = new Set(this.#oracle.claims[name].values());
    // Of several people who had one id for a moment, one is asked about at a time: the next whole pass asks about the next.
    const isLater = (step: Step): boolean =>
      !('role' in step) && (!alive.has(fold(step.principal.id)) || this.#oracle.passed.has(fold(step.principal.id)));
    const undone = verdict.go.filter((step) => !isLater(step));
    return [
      ...(undone.length === 0 ? [] : [`${name}: a plan would do ${JSON.stringify(undone)}`]),
      ...ghosts
        .filter(
          ({ id, tokens }) =>
            this.#oracle.everClaimed[name].has(fold(id)) && !alive.has(fold(id)) && tokens > 0 && !this.#tight,
        )
        .map((ghost) => `${name}: a ghost ${JSON.stringify(ghost)}`),
    ];
  }

  async ledgerHolds(): Promise<void> {
    await this.#house.ledger.seal();
    await this.#house.ledger.verify();
  }
}
