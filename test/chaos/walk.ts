import { systemTimers } from '../../src/cli/edge.ts';
import { declareLeaver, liftLeaver } from '../../src/cli/product/declareLeaver.ts';
import { rejectHeld } from '../../src/cli/product/held.ts';
import { pause, resume } from '../../src/cli/product/pausing.ts';
import { watchedStore } from '../../src/store/watched.ts';
import { adopt } from '../../src/sync/adoption.ts';
import { assess } from '../../src/sync/assess.ts';
import { ask, type Order } from '../../src/sync/commands.ts';
import { liveOf } from '../../src/sync/memory.ts';
import { G, P, U } from '../server/scim/world.ts';
import {
  CONNECTIONS,
  CONTROLLERS,
  type ConnectionName,
  type ControllerName,
  type House,
  openHouse,
  type Running,
} from './house.ts';
import { fold, Oracle, type Person } from './oracle.ts';
import { FIRST, type PolicyShape, policyText } from './policies.ts';
import { Standing } from './standing.ts';
import { TROUBLES } from './troubled.ts';

export const PEOPLE = ['ana', 'bo', 'cy', 'dee', 'Ana', 'eve', 'admin', 'bot'];
export const GROUPS = [
  'jenkins-admins',
  'ci-users',
  'ci-pay-dev',
  'ci-web-dev',
  'contractors',
  'qa',
  'auditors',
  'crew',
  'CI-Pay-Dev',
];
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

/** One step of a walk; numbers choose among what there is then. */
export type Step =
  | { readonly do: 'create'; readonly who: number; readonly at: number; readonly inactive: boolean }
  | { readonly do: 'rename'; readonly who: number; readonly to: number; readonly how: number }
  | { readonly do: 'active'; readonly who: number; readonly on: boolean; readonly how: number }
  | { readonly do: 'delete'; readonly who: number; readonly how: number }
  | { readonly do: 'group'; readonly name: number; readonly at: number; readonly members: readonly number[] }
  | { readonly do: 'members'; readonly group: number; readonly who: readonly number[]; readonly how: number }
  | { readonly do: 'nest'; readonly group: number; readonly into: number; readonly out: boolean }
  | { readonly do: 'rename-group'; readonly group: number; readonly to: number; readonly how: number }
  | { readonly do: 'delete-group'; readonly group: number }
  | { readonly do: 'policy'; readonly edit: number; readonly who: number }
  | { readonly do: 'broken-policy' }
  | { readonly do: 'mode'; readonly on: number; readonly observe: boolean }
  | { readonly do: 'pause'; readonly resume: boolean }
  | { readonly do: 'hand'; readonly on: number; readonly edit: number; readonly who: number; readonly role: number }
  | { readonly do: 'restart-controller'; readonly on: number }
  | { readonly do: 'trouble'; readonly on: number; readonly kinds: readonly number[] }
  | { readonly do: 'kill'; readonly after: number }
  | { readonly do: 'restart' }
  | { readonly do: 'second'; readonly on: boolean }
  | { readonly do: 'time'; readonly by: number }
  | { readonly do: 'held'; readonly which: number; readonly reject: boolean }
  | { readonly do: 'tight' }
  | { readonly do: 'swap'; readonly who: number; readonly with: number }
  | { readonly do: 'again'; readonly who: number }
  | { readonly do: 'now'; readonly who: number; readonly lift: boolean }
  | { readonly do: 'adopt' }
  | { readonly do: 'look'; readonly whole: boolean };

const HOUR = 3_600_000;
const FULL = 15 * 60_000;

export async function walk(
  t: { after(run: () => unknown): void },
  steps: readonly Step[],
  say: (line: string) => void,
): Promise<void> {
  const house = await openHouse(t, policyText(FIRST, 0), steps[0]?.do === 'tight');
  const walker = new Walker(house, say, steps[0]?.do === 'tight');
  await walker.begin();
  for (const step of steps) {
    await walker.take(step);
  }
  await walker.end();
}

class Walker {
  readonly house: House;
  readonly say: (line: string) => void;
  readonly oracle = new Oracle(FIRST);
  readonly standing: Standing;
  #version = 0;
  #modes: Record<ControllerName, 'observe' | 'enforce'> = { ci: 'enforce', cd: 'enforce' };
  #paused = false;
  #needsWhole = false;

  constructor(house: House, say: (line: string) => void, tight: boolean) {
    this.house = house;
    this.say = say;
    this.standing = new Standing(house, this.oracle, tight);
  }

  async begin(): Promise<void> {
    this.house.spawn(1);
    await this.#look(true);
  }

  async end(): Promise<void> {
    this.house.troubled.ci.next.length = 0;
    this.house.troubled.cd.next.length = 0;
    await this.#look(true);
    if (this.#paused) await this.#setPause(false);
    await this.#setMode('ci', 'enforce');
    await this.#setMode('cd', 'enforce');
    await this.#look(true);
    await this.standing.ledgerHolds();
  }

  async take(step: Step): Promise<void> {
    const { house, oracle } = this;
    switch (step.do) {
      case 'create': {
        const connection = CONNECTIONS[step.at % 2]!;
        const userName = PEOPLE[step.who % PEOPLE.length]!;
        const { status, body } = await house.scim(connection, 'POST', '/Users', {
          schemas: [U],
          userName,
          active: !step.inactive,
        });
        this.say(`create ${userName} in ${connection}: ${status} ${body?.id?.slice(-4)}`);
        this.#expect(status, oracle.personCalled(connection, userName) === undefined ? 201 : 409);
        if (status === 201) {
          const person = { id: body.id, connection, userName, active: !step.inactive, deleted: false };
          oracle.people.set(body.id, person);
          this.#moved(person);
        }
        return;
      }
      case 'rename': {
        const person = this.#person(step.who);
        if (person === undefined) return;
        const userName = PEOPLE[step.to % PEOPLE.length]!;
        const other = oracle.personCalled(person.connection, userName);
        const { status } =
          step.how % 2 === 0
            ? await this.#patchUser(person, [{ op: 'replace', path: 'userName', value: userName }])
            : await house.scim(person.connection, 'PUT', `/Users/${person.id}`, {
                schemas: [U],
                userName,
                active: person.active,
              });
        this.say(`rename ${nameOf(person)} to ${userName}: ${status}`);
        this.#expect(status, other === undefined || other === person ? 200 : 409);
        if (status !== 200) return;
        this.#moved(person);
        person.userName = userName;
        this.#moved(person);
        return;
      }
      case 'active': {
        const person = this.#person(step.who);
        if (person === undefined) return;
        const how = step.how % 4;
        const { status, body } =
          how === 0
            ? await this.#patchUser(person, [{ op: 'replace', path: 'active', value: step.on }])
            : how === 1
              ? await this.#patchUser(person, [{ op: 'Replace', value: { active: step.on } }])
              : how === 2
                ? await house.scim(person.connection, 'PUT', `/Users/${person.id}`, {
                    schemas: [U],
                    userName: person.userName,
                    active: step.on,
                  })
                : await this.#bulk(person.connection, 'PATCH', `/Users/${person.id}`, {
                    schemas: [P],
                    Operations: [{ op: 'replace', path: 'active', value: step.on }],
                  });
        this.say(`${nameOf(person)} active ${step.on}: ${status} ${how === 3 ? body?.Operations?.[0]?.status : ''}`);
        this.#expect(status, 200);
        if (person.active !== step.on) this.#moved(person);
        person.active = step.on;
        if (!step.on) oracle.declared.delete(person.id);
        return;
      }
      case 'delete': {
        const person = this.#person(step.who);
        if (person === undefined) return;
        const { status } =
          step.how % 2 === 0
            ? await house.scim(person.connection, 'DELETE', `/Users/${person.id}`)
            : await this.#bulk(person.connection, 'DELETE', `/Users/${person.id}`);
        this.say(`delete ${nameOf(person)}: ${status}`);
        this.#expect(status, step.how % 2 === 0 ? 204 : 200);
        this.#moved(person);
        person.deleted = true;
        person.active = false;
        for (const group of oracle.groups.values()) group.members.delete(person.id);
        return;
      }
      case 'group': {
        await this.#look(false);
        const connection = CONNECTIONS[step.at % 3 === 2 ? 1 : 0]!;
        const displayName = GROUPS[step.name % GROUPS.length]!;
        const members = this.#several(step.members, connection);
        const { status, body } = await house.scim(connection, 'POST', '/Groups', {
          schemas: [G],
          displayName,
          members: members.map(({ id }) => ({ value: id })),
        });
        this.say(`group ${displayName} in ${connection} of ${members.map(nameOf)}: ${status} ${body?.id?.slice(-4)}`);
        this.#expect(status, oracle.groupCalled(connection, displayName) === undefined ? 201 : 409);
        if (status === 201)
          oracle.groups.set(body.id, {
            id: body.id,
            connection,
            name: displayName,
            members: new Set(members.map(({ id }) => id)),
            deleted: false,
          });
        await this.#look(false);
        return;
      }
      case 'members': {
        const group = this.#group(step.group);
        if (group === undefined) return;
        const who = this.#several(step.who, group.connection);
        const values = who.map(({ id }) => ({ value: id }));
        const ids = who.map(({ id }) => id);
        const path = `/Groups/${group.id}`;
        const patch = (...Operations: unknown[]) => ({ schemas: [P], Operations });
        const how = step.how % 5;
        if (ids.length === 0 && how !== 3) return;
        let status: number;
        if (how === 0)
          ({ status } = await house.scim(
            group.connection,
            'PATCH',
            path,
            patch({ op: 'add', path: 'members', value: values }),
          ));
        else if (how === 1)
          ({ status } = await house.scim(
            group.connection,
            'PATCH',
            path,
            patch(...ids.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` }))),
          ));
        else if (how === 2)
          ({ status } = await house.scim(
            group.connection,
            'PATCH',
            path,
            patch({ op: 'remove', path: 'members', value: values }),
          ));
        else if (how === 3)
          ({ status } = await house.scim(group.connection, 'PUT', path, {
            schemas: [G],
            displayName: group.name,
            members: values,
          }));
        else
          ({ status } = await this.#bulk(
            group.connection,
            'PATCH',
            path,
            patch({ op: 'add', path: 'members', value: values }),
          ));
        this.say(
          `members of ${group.name} (${group.id.slice(-4)}) ${['add', 'remove', 'remove', 'put', 'bulk add'][how]} ${who.map(nameOf)}: ${status}`,
        );
        this.#expect([200, 204].includes(status) ? 200 : status, 200);
        if (how === 3) group.members = new Set(ids);
        else for (const id of ids) how === 1 || how === 2 ? group.members.delete(id) : group.members.add(id);
        return;
      }
      case 'nest': {
        const group = this.#group(step.group);
        const into = this.#group(step.into);
        if (group === undefined || into === undefined || group === into || group.connection !== into.connection) return;
        const operation = step.out
          ? { op: 'remove', path: `members[value eq "${group.id}"]` }
          : { op: 'add', path: 'members', value: [{ value: group.id }] };
        const { status } = await house.scim(group.connection, 'PATCH', `/Groups/${into.id}`, {
          schemas: [P],
          Operations: [operation],
        });
        this.say(
          `${step.out ? 'un-nest' : 'nest'} ${group.name} ${group.id.slice(-4)} in ${into.name} ${into.id.slice(-4)}: ${status}`,
        );
        this.#expect([200, 204].includes(status) ? 200 : status, 200);
        if (step.out) into.members.delete(group.id);
        else into.members.add(group.id);
        return;
      }
      case 'rename-group': {
        await this.#look(false);
        const group = this.#group(step.group);
        if (group === undefined) return;
        const displayName = GROUPS[step.to % GROUPS.length]!;
        const other = oracle.groupCalled(group.connection, displayName);
        const { status } =
          step.how % 2 === 0
            ? await house.scim(group.connection, 'PATCH', `/Groups/${group.id}`, {
                schemas: [P],
                Operations: [{ op: 'replace', path: 'displayName', value: displayName }],
              })
            : await house.scim(group.connection, 'PUT', `/Groups/${group.id}`, {
                schemas: [G],
                displayName,
                members: [...group.members].map((value) => ({ value })),
              });
        this.say(`rename group ${group.name} ${group.id.slice(-4)} to ${displayName}: ${status}`);
        this.#expect([200, 204].includes(status) ? 200 : status, other === undefined || other === group ? 200 : 409);
        if (status < 300) group.name = displayName;
        await this.#look(false);
        return;
      }
      case 'delete-group': {
        await this.#look(false);
        const group = this.#group(step.group);
        if (group === undefined) return;
        const { status } = await house.scim(group.connection, 'DELETE', `/Groups/${group.id}`);
        this.say(`delete group ${group.name} ${group.id.slice(-4)}: ${status}`);
        this.#expect(status, 204);
        group.deleted = true;
        for (const other of oracle.groups.values()) other.members.delete(group.id);
        await this.#look(false);
        return;
      }
      case 'policy': {
        await this.#look(false);
        const shape = this.#edited(step.edit, step.who);
        this.say(`policy ${JSON.stringify(shape)}`);
        house.setPolicy(policyText(shape, ++this.#version));
        oracle.edit(shape);
        await this.#look(true);
        return;
      }
      case 'broken-policy':
        this.say('policy is broken');
        house.setPolicy(`rules: [${++this.#version}`);
        house.time.forward(3_000);
        return;
      case 'mode': {
        const name = CONTROLLERS[step.on % 2]!;
        await this.#look(true);
        await this.#setMode(name, step.observe ? 'observe' : 'enforce');
        await this.#look(true);
        return;
      }
      case 'pause':
        await this.#look(true);
        await this.#setPause(!step.resume);
        await this.#look(true);
        return;
      case 'hand': {
        const name = CONTROLLERS[step.on % 2]!;
        this.say(this.standing.hand(name, step.edit, PEOPLE[step.who % PEOPLE.length]!, step.role));
        this.#needsWhole = true;
        return;
      }
      case 'restart-controller': {
        const name = CONTROLLERS[step.on % 2]!;
        this.say(`${name} restarts`);
        this.standing.lookAside(name);
        await house.practices[name].hands.restart();
        this.#needsWhole = true;
        return;
      }
      case 'trouble': {
        const name = CONTROLLERS[step.on % 2]!;
        const kinds = step.kinds.map((kind) => TROUBLES[kind % TROUBLES.length]!);
        this.say(`${name} will fail: ${kinds}`);
        house.troubled[name].next.push(...kinds);
        return;
      }
      case 'kill': {
        const [running] = house.processes();
        if (running === undefined) return;
        this.say(`${running.context.holder.name} dies after ${step.after} steps`);
        running.life.endAfter(step.after);
        return;
      }
      case 'restart': {
        const [running] = house.processes();
        this.say('restart');
        if (running !== undefined) await house.stop(running);
        this.#alive();
        return;
      }
      case 'second': {
        const running = house.processes();
        this.say(`second replica ${step.on}`);
        if (step.on && running.length < 2) house.spawn(this.#freeSlot());
        if (!step.on && running.length > 1) await house.stop(running[1]!);
        return;
      }
      case 'time': {
        const by = [61_000, 2 * HOUR, 25 * HOUR][step.by % 3]!;
        this.say(`${by} ms later`);
        await this.#look(false);
        house.time.forward(by);
        this.#needsWhole = true;
        await this.#look(true);
        return;
      }
      case 'held': {
        await this.#look(false);
        const rows = await house.store.read((db) =>
          db.selectFrom('held').selectAll().where('state', '=', 'held').orderBy('digest').execute(),
        );
        if (rows.length === 0 || (!step.reject && CONTROLLERS.some((name) => !this.#works(name)))) return;
        const { digest, controller } = rows[step.which % rows.length]!;
        this.say(`${step.reject ? 'reject' : 'release'} ${digest.slice(0, 8)} on ${controller}`);
        if (step.reject)
          await rejectHeld(
            { store: watchedStore(house.store, house.time), ledger: house.ledger, operator: 'ops' },
            digest,
          );
        else {
          oracle.released = true;
          const answer = await this.#order(controller, { kind: 'apply', allowLoss: digest });
          this.say(`  answered ${JSON.stringify(answer)}`);
        }
        await this.#look(true);
        oracle.released = false;
        return;
      }
      case 'tight':
        return;
      case 'swap': {
        const one = this.#person(step.who);
        const two = this.#person(step.with);
        if (one === undefined || two === undefined || one === two || one.connection !== two.connection) return;
        const [a, b] = [one.userName, two.userName];
        if (fold(a) === fold(b)) return;
        const rename = (person: Person, userName: string, bulkId: string) => ({
          ...{ method: 'PATCH', path: `/Users/${person.id}`, bulkId },
          data: { schemas: [P], Operations: [{ op: 'replace', path: 'userName', value: userName }] },
        });
        const { status, body } = await house.scim(one.connection, 'POST', '/Bulk', {
          schemas: [BULK],
          Operations: [rename(one, 'meanwhile', '1'), rename(two, a, '2'), rename(one, b, '3')],
        });
        this.say(
          `swap ${nameOf(one)} and ${nameOf(two)}: ${status} ${body.Operations.map((operation: { status: string }) => operation.status)}`,
        );
        for (const person of [one, two]) this.#moved(person);
        [one.userName, two.userName] = [b, a];
        for (const person of [one, two]) this.#moved(person);
        return;
      }
      case 'again': {
        const person = this.#person(step.who);
        if (person === undefined) return;
        const at = CONNECTIONS.indexOf(person.connection);
        await this.take({ do: 'delete', who: step.who, how: 0 });
        const who = PEOPLE.indexOf(person.userName);
        await this.take({ do: 'create', who, at, inactive: false });
        return;
      }
      case 'now': {
        if (CONTROLLERS.some((name) => !this.#works(name))) return;
        const person = this.#person(step.who);
        if (person === undefined) return;
        await this.#look(true);
        this.say(`leaver ${step.lift ? '--lift' : '--now'} ${nameOf(person)}`);
        const parts = { store: house.store, ledger: house.ledger, context: house.command(), operator: 'ops' } as never;
        if (step.lift) {
          if (!(await liftLeaver(parts, person.id))) return;
          oracle.declared.delete(person.id);
        } else {
          if (person.active) {
            await declareLeaver(parts, person.id);
            oracle.declared.add(person.id);
          }
          this.standing.nowFor.add(person.id);
        }
        this.#moved(person);
        for (const name of CONTROLLERS)
          await this.#order(
            name,
            step.lift ? { kind: 'sync', person: person.id } : { kind: 'leaver', person: person.id },
          );
        await this.#look(false);
        return;
      }
      case 'adopt': {
        await this.#look(true);
        for (const name of CONTROLLERS) house.troubled[name].next.length = 0;
        this.say('adopt');
        const context = house.command();
        const policy = await context.policy.current();
        for (const name of CONTROLLERS) {
          const live = await liveOf(context, context.controller(name), {});
          const assessed = await assess(
            context,
            context.config.controllers.find((one) => one.name === name)!,
            live,
            'all',
            { by: 'operator', policy },
          );
          await adopt(context, assessed, undefined);
          this.standing.adopted(name);
        }
        await this.#look(true);
        return;
      }
      case 'look':
        await this.#look(step.whole);
        return;
    }
  }

  #edited(edit: number, who: number): PolicyShape {
    const { shape } = this.oracle;
    switch (edit % 8) {
      case 7:
        return { ...shape, bot: !shape.bot };
      case 0:
        return { ...shape, unless: !shape.unless };
      case 1:
        return shape.auditorsOnly === undefined
          ? { ...shape, auditorsOnly: CONTROLLERS[who % 2]! }
          : without(shape, 'auditorsOnly');
      case 2:
        return { ...shape, entra: !shape.entra };
      case 3:
        return { ...shape, everyone: !shape.everyone };
      case 4:
        return { ...shape, qa: !shape.qa };
      case 5:
        return { ...shape, moreForDevelopers: !shape.moreForDevelopers };
      default:
        if (shape.interim !== undefined) return without(shape, 'interim');
        return {
          ...shape,
          interim: {
            id: `interim-${this.#version}`,
            user: PEOPLE[who % PEOPLE.length]!,
            until: this.house.time.now() + 12 * HOUR,
          },
        };
    }
  }

  async #setMode(name: ControllerName, mode: 'observe' | 'enforce'): Promise<void> {
    if (this.#modes[name] === mode) return;
    this.say(`${name} mode ${mode}`);
    this.#modes[name] = mode;
    this.house.setModes({ ...this.#modes });
    for (const running of this.house.processes()) await this.house.stop(running);
    this.house.spawn(1);
  }

  async #setPause(on: boolean): Promise<void> {
    this.say(on ? 'pause ci' : 'resume ci');
    this.#paused = on;
    const parts = { store: this.house.store, ledger: this.house.ledger, config: this.house.config(), operator: 'ops' };
    await (on ? pause : resume)(parts as never, { kind: 'controller', name: 'ci' });
  }

  /** Orders as a command does, while processes may die. */
  async #order(controller: string, order: Order): Promise<unknown> {
    const { clock, random, markOrder } = this.house.command();
    let over = false;
    const answer = ask(
      { clock, random, markOrder, store: this.house.store as never, timers: systemTimers },
      controller,
      order,
      600_000,
    ).finally(() => {
      over = true;
    });
    while (!over) {
      this.#alive();
      await systemTimers.sleep(10);
      this.house.time.forward(500);
    }
    return answer;
  }

  #alive(): Running {
    const [first] = this.house.processes();
    if (first !== undefined) return first;
    this.say('  a process starts');
    return this.house.spawn(this.#freeSlot());
  }

  #freeSlot(): 1 | 2 {
    return this.house.processes().some(({ context }) => context.holder.name.startsWith('process-1')) ? 2 : 1;
  }

  #works(name: ControllerName): boolean {
    return this.#modes[name] === 'enforce' && !(name === 'ci' && this.#paused);
  }

  /** Waits until all is quiet, and compares. */
  async #look(whole: boolean): Promise<void> {
    await this.#quiet(whole);
    const works = CONTROLLERS.filter((name) => this.#works(name));
    const idle = CONTROLLERS.filter((name) => !this.#works(name));
    if (whole) this.#needsWhole = false;
    this.oracle.meet(this.house.time.now());
    let problems: string[] = [];
    for (let tries = 0; tries < 40; tries++) {
      this.#alive();
      problems = [];
      for (const name of works)
        problems.push(...(await this.standing.compare(name, whole || !this.#needsWhole, whole)));
      if (problems.length === 0) break;
      this.house.time.forward(300);
      await systemTimers.sleep(8);
    }
    for (const name of idle) problems.push(...this.standing.untouched(name));
    if (problems.length > 0) throw new Error(`\n${problems.join('\n')}`);
    for (const name of works) await this.standing.remember(name, whole || !this.#needsWhole);
    if (whole) {
      for (const name of CONTROLLERS) this.house.troubled[name].next.length = 0;
      problems.push(...(await this.standing.certificates(works, idle)));
      for (const name of works)
        problems.push(...(await this.standing.explained(name)), ...(await this.standing.planned(name)));
      const before = works.map((name) => this.house.practices[name].look.saves);
      await this.#quiet(true);
      const after = works.map((name) => this.house.practices[name].look.saves);
      if (`${before}` !== `${after}`)
        problems.push(`flapping: ${works} saved ${before}, then ${after} in a pass that had nothing to do`);
    }
    if (problems.length > 0) throw new Error(`\n${problems.join('\n')}`);
    this.oracle.touched.clear();
  }

  /** Until nothing is marked, pending, owed and due, or ordered; `full`: and everything was read since. */
  async #quiet(full: boolean): Promise<void> {
    const { house } = this;
    let since = house.time.now();
    if (full) {
      house.time.forward(3_000);
      since = house.time.now();
      house.time.forward(FULL + 1_000);
    }
    let calm = 0;
    let last = '';
    for (let turn = 0; turn < 1_500 && calm < 3; turn++) {
      this.#alive();
      await systemTimers.sleep(3);
      const { busy, told } = await this.#busy(full, since);
      const print = `${told} ${CONTROLLERS.map((name) => house.practices[name].look.saves)}`;
      if (busy === '' && print === last) calm++;
      else calm = 0;
      last = print;
      house.time.forward(full ? 1_500 : 250);
      if (turn === 1_499) throw new Error(`it does not come to rest: ${busy} ${told}, after ${turn} turns`);
    }
  }

  async #busy(full: boolean, since: number): Promise<{ busy: string; told: string }> {
    const now = this.house.time.now();
    const observing = new Set(CONTROLLERS.filter((name) => !(name === 'ci' && this.#paused)));
    return this.house.store.read(async (db) => {
      const dirty = await db.selectFrom('dirty').select('id').execute();
      const pending = (await db.selectFrom('pending').select(['controller', 'id']).execute()).filter(({ controller }) =>
        observing.has(controller as ControllerName),
      );
      const debts = (await db.selectFrom('debts').selectAll().execute()).filter(
        (debt) =>
          debt.state === 'open' &&
          (debt.due_ms <= now || (full && debt.cause !== 'unentitled')) &&
          this.#works(debt.controller as ControllerName),
      );
      const rows = await db.selectFrom('controllers').selectAll().execute();
      const unread = full
        ? [...observing].filter((name) => (rows.find((row) => row.name === name)?.full_ms ?? 0) < since)
        : [];
      const busy = [
        dirty.length > 0 ? `${dirty.length} dirty` : '',
        pending.length > 0 ? `${pending.length} pending on ${pending.map(({ controller }) => controller)}` : '',
        debts.length > 0
          ? `debts ${debts.map((debt) => `${debt.controller} ${debt.id} ${debt.cause} ${debt.error}`)}`
          : '',
        unread.length > 0 ? `unread ${unread} ${rows.map(({ name, error }) => `${name}: ${error}`)}` : '',
      ]
        .filter((part) => part !== '')
        .join(', ');
      const entries = await db
        .selectFrom('entries')
        .select(['controller', 'role_name', 'sid', 'desired', 'verified'])
        .execute();
      return { busy, told: JSON.stringify(entries).length.toString() };
    });
  }

  /** Credentials of these ids are no longer known to be safe, and what is only kept for them may go. */
  #moved(person: Person): void {
    this.oracle.touched.add(person.id);
    this.oracle.passed.add(fold(person.userName));
    this.standing.moved(fold(person.userName));
    for (const name of CONTROLLERS) {
      const id = this.oracle.claims[name].get(person.id);
      if (id !== undefined) this.standing.moved(id);
    }
  }

  #person(number: number): Person | undefined {
    const all = this.oracle.living();
    return all[number % Math.max(1, all.length)];
  }

  #several(numbers: readonly number[], connection: ConnectionName): Person[] {
    const all = this.oracle.living().filter((one) => one.connection === connection);
    if (all.length === 0) return [];
    return [...new Set(numbers.map((number) => all[number % all.length]!))];
  }

  #group(number: number) {
    const all = [...this.oracle.groups.values()].filter(({ deleted }) => !deleted);
    return all[number % Math.max(1, all.length)];
  }

  #patchUser(person: Person, Operations: unknown[]) {
    return this.house.scim(person.connection, 'PATCH', `/Users/${person.id}`, { schemas: [P], Operations });
  }

  #bulk(connection: ConnectionName, method: string, path: string, data?: unknown) {
    return this.house.scim(connection, 'POST', '/Bulk', {
      schemas: [BULK],
      Operations: [{ method, path, bulkId: 'x', ...(data === undefined ? {} : { data }) }],
    });
  }

  #expect(found: number, wanted: number): void {
    if (found !== wanted) throw new Error(`answered ${found} instead of ${wanted}`);
  }
}

function without<K extends keyof PolicyShape>(shape: PolicyShape, key: K): PolicyShape {
  const { [key]: _, ...rest } = shape;
  return rest as PolicyShape;
}

function nameOf({ userName, id, connection }: Person): string {
  return `${userName}(${connection[0]}${id.slice(-4)})`;
}
