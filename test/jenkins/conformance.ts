import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type {
  BatchOutcome,
  Controller,
  LeaverOrder,
  LeaverStepKind,
  ObservedRole,
  OlderCredentials,
  StrategyChange,
} from '../../src/access/ports/controller.ts';
import type { Principal } from '../../src/access/principal.ts';
import { type RoleDefinition, type RoleKey, roleKey } from '../../src/access/role.ts';
import { ScimError } from '../../src/errors.ts';

/** What a person is given by somebody else than the service before the test cuts it. */
export interface Belongings {
  readonly tokens?: readonly string[];
  readonly legacyToken?: boolean;
  readonly sshKeys?: number;
  readonly password?: boolean;
}

/** Somebody with hands on the controller, past the service. */
export interface Hands {
  assign(role: RoleKey, principal: Principal): Promise<void>;
  unassign(role: RoleKey, principal: Principal): Promise<void>;
  /** Makes a saved record with these belongings. Absent: the cases that need it are skipped. */
  person?(id: string, belongings: Belongings): Promise<void>;
  /** Takes the record away again. */
  forget?(id: string): Promise<void>;
}

export interface Subject {
  readonly controller: Controller;
  /** Name of our own account there. */
  readonly account: string;
  readonly hands: Hands;
  close(): Promise<void>;
}

const READ = 'hudson.model.Item.Read';
const BUILD = 'hudson.model.Item.Build';
const ADMINISTER = 'hudson.model.Hudson.Administer';
const OVERALL_READ = 'hudson.model.Hudson.Read';

/** Ids and names that must survive byte for byte. */
const ODD = [
  'with space',
  "o'hara",
  'say "hi"',
  'jürgen.müßig',
  'a+b@corp.test',
  'back\\slash',
  'sl/ash',
  '$' + '{readFile:/etc/passwd}',
  '</script><b>',
  '日本 😀',
  '[json]',
  'null',
  'tab\there',
  'x'.repeat(300),
];

const ALL_STEPS: readonly LeaverStepKind[] = [
  'revoke-tokens',
  'remove-ssh-keys',
  'close-ssh-sessions',
  'scramble-password',
  'end-sessions',
  'remove-entries',
  'second-cut',
];

const user = (id: string): Principal => ({ type: 'user', id });
const item = (name: string): RoleKey => ({ type: 'item', name });

/**
 * What every `Controller` must do; run over the Groovy bench, the practice controller and a real Jenkins alike. It needs
 * role-strategy as the active strategy and leaves no roles behind. Names begin with `prefix`, ids too.
 */
export function controllerConformance(title: string, open: () => Promise<Subject>, prefix = 'conformance-'): void {
  describe(`${title}: controller conformance`, () => {
    let subject: Subject;
    let controller: Controller;
    let fence = 1000;

    before(async () => {
      subject = await open();
      controller = subject.controller;
    });

    after(async () => {
      if (subject === undefined) return;
      await cleanUp();
      await subject.close();
    });

    async function cleanUp(): Promise<void> {
      const left = (await controller.observe()).roles.filter((role) => role.name.startsWith(prefix));
      if (left.length > 0) await apply(left.map((role) => ({ op: 'delete-role', role: keyOf(role) })));
    }

    async function find(key: RoleKey): Promise<ObservedRole | undefined> {
      return (await controller.observe()).roles.find((role) => roleKey(role) === roleKey(key));
    }

    /** Applies changes with the preconditions as they stand. */
    async function apply(changes: readonly StrategyChange[], keep: readonly string[] = []): Promise<BatchOutcome> {
      const observed = new Map((await controller.observe()).roles.map((role) => [roleKey(role), role.digest]));
      const touched = new Map(changes.map((change) => [roleKey(change.role), keyOf(change.role)]));
      const preconditions = [...touched].map(([name, role]) => ({ role, digest: observed.get(name) ?? 'absent' }));
      return controller.apply({
        id: `batch-${fence}`,
        fence: fence++,
        preconditions,
        changes,
        keepAdministrators: keep,
      });
    }

    async function create(name: string, entries: readonly Principal[] = [], over: Partial<RoleDefinition> = {}) {
      const role: RoleDefinition = {
        type: 'item',
        name: prefix + name,
        pattern: '\\Qteam\\E($|/.*)',
        permissions: [READ],
        ...over,
      };
      const key = keyOf(role);
      const grants = entries.map((principal): StrategyChange => ({ op: 'grant', role: key, principal }));
      const outcome = await apply([{ op: 'create-role', role }, ...grants]);
      assert.equal(outcome.outcome, 'done', JSON.stringify(outcome));
      return key;
    }

    const cut = async (order: LeaverOrder) => {
      const outcome = await controller.cut(fence++, [order]);
      assert.equal(outcome.outcome, 'done', JSON.stringify(outcome));
      return outcome.results[0]!;
    };

    test('we are our own account, and not anonymous', async () => {
      const who = await controller.whoAmI();
      assert.equal(who.name.toLowerCase(), subject.account.toLowerCase());
      assert.equal(who.anonymous, false);
      assert.equal(
        who.authorities.some((one) => one.startsWith('FACTOR_')),
        false,
      );
    });

    test('the probe gives versions, id strategies, clock and the permission catalogue', async () => {
      const probed = await controller.probe();
      assert.match(probed.core, /^\d+\.\d+/);
      assert.ok(Number.parseInt(probed.plugins['role-strategy'] ?? '0', 10) >= 657);
      assert.match(probed.strategy, /RoleBasedAuthorizationStrategy$/);
      assert.ok(['case-insensitive', 'case-sensitive', 'email'].includes(probed.userIds));
      const titles = new Map(probed.permissions.map((one) => [one.id, one.title]));
      assert.equal(titles.get(ADMINISTER), 'Overall/Administer');
      assert.equal(titles.get(READ), 'Job/Read');
      assert.ok(probed.time > Date.UTC(2020, 0));
    });

    test('two reads of an unchanged strategy give the same digests and fingerprint', async () => {
      const [one, two] = [await controller.observe(), await controller.observe()];
      assert.deepEqual(one.roles, two.roles);
      assert.equal(one.fingerprint, two.fingerprint);
      const cheap = await controller.fingerprint();
      assert.equal(cheap.fingerprint, one.fingerprint);
      assert.equal(cheap.session, one.session);
    });

    test('a role is created with its grants in one save and read back', async () => {
      const role = item(`${prefix}dev`);
      const outcome = await apply([
        { op: 'create-role', role: { ...role, pattern: '\\Qpay\\E($|/.*)', permissions: [BUILD, READ] } },
        { op: 'grant', role, principal: user(`${prefix}ana`) },
        { op: 'grant', role, principal: { type: 'group', id: `${prefix}team` } },
      ]);
      assert.ok(outcome.outcome === 'done', JSON.stringify(outcome));
      assert.equal(outcome.saves, 1);
      const seen = await find(role);
      assert.deepEqual(outcome.observed, [seen]);
      assert.equal(seen!.pattern, '\\Qpay\\E($|/.*)');
      assert.deepEqual(seen!.permissions, [BUILD, READ]);
      assert.deepEqual(seen!.entries, [{ type: 'group', id: `${prefix}team` }, user(`${prefix}ana`)]);
      assert.equal(seen!.template, undefined);
    });

    test('a role of each type can be made', async () => {
      await create('g', [user('ana')], { type: 'global', pattern: '.*', permissions: [OVERALL_READ] });
      await create('a', [user('ana')], { type: 'agent', pattern: 'linux-.*', permissions: [] });
      assert.equal((await find({ type: 'global', name: `${prefix}g` }))?.pattern, '.*');
      assert.equal((await find({ type: 'agent', name: `${prefix}a` }))?.pattern, 'linux-.*');
    });

    test('odd ids survive byte for byte, and can be revoked again', async () => {
      const key = await create('odd', ODD.map(user));
      const there = (await find(key))!.entries.map((entry) => entry.id);
      assert.deepEqual(there.toSorted(), ODD.toSorted());
      const revoked = await apply(ODD.map((id) => ({ op: 'revoke', role: key, principal: user(id) })));
      assert.equal(revoked.outcome, 'done');
      assert.deepEqual((await find(key))!.entries, []);
    });

    test('odd role names survive too', async () => {
      for (const name of ['Rôle "x" <b>', 'a,b', "o'role", '漢字 😀']) {
        const key = await create(name, [user('ana')]);
        assert.equal((await find(key))?.entries.length, 1);
      }
    });

    test('a role is redefined without losing its assignments', async () => {
      const key = await create('redefined', [
        user('ana'),
        { type: 'group', id: 'devs' },
        { type: 'either', id: 'old' },
      ]);
      const before = (await find(key))!;
      const outcome = await apply([
        { op: 'update-role', role: { ...key, pattern: '\\Qother\\E($|/.*)', permissions: [BUILD] } },
      ]);
      assert.equal(outcome.outcome, 'done');
      const now = (await find(key))!;
      assert.deepEqual(now.entries, before.entries);
      assert.deepEqual(now.permissions, [BUILD]);
      assert.equal(now.pattern, '\\Qother\\E($|/.*)');
      assert.notEqual(now.digest, before.digest);
    });

    test('a grant that is there already and a revoke of what is not are no changes', async () => {
      const key = await create('twice', [user('ana')]);
      const before = (await find(key))!;
      const outcome = await apply([
        { op: 'grant', role: key, principal: user('ana') },
        { op: 'revoke', role: key, principal: user('nobody') },
      ]);
      assert.equal(outcome.outcome, 'done');
      assert.deepEqual(await find(key), before);
    });

    test('entries are removed by exact spelling and kind', async () => {
      const key = await create('spelling', [user('Ana'), user('ana'), { type: 'group', id: 'ana' }]);
      await apply([{ op: 'revoke', role: key, principal: user('ana') }]);
      assert.deepEqual((await find(key))!.entries, [{ type: 'group', id: 'ana' }, user('Ana')]);
    });

    test('a role is deleted with its entries', async () => {
      const key = await create('doomed', [user('ana')]);
      const outcome = await apply([{ op: 'delete-role', role: key }]);
      assert.ok(outcome.outcome === 'done');
      assert.deepEqual(outcome.observed, []);
      assert.equal(await find(key), undefined);
    });

    test('a hand edit shows in digest and fingerprint, and stops a batch that was planned before it', async () => {
      const key = await create('drift', [user('ana')]);
      const planned = await controller.observe();
      await subject.hands.assign(key, user('mallory'));
      const seen = (await find(key))!;
      assert.deepEqual(seen.entries, [user('ana'), user('mallory')]);
      assert.notEqual((await controller.fingerprint()).fingerprint, planned.fingerprint);
      const stale = planned.roles.find((role) => roleKey(role) === roleKey(key))!.digest;
      const outcome = await controller.apply({
        id: 'stale',
        fence: fence++,
        preconditions: [{ role: key, digest: stale }],
        changes: [{ op: 'grant', role: key, principal: user('ben') }],
        keepAdministrators: [],
      });
      assert.equal(outcome.outcome, 'conflict', JSON.stringify(outcome));
      assert.deepEqual(await find(key), seen);
      await subject.hands.unassign(key, user('mallory'));
      assert.equal((await controller.fingerprint()).fingerprint, planned.fingerprint);
    });

    test('a role that is to be created must not be there', async () => {
      const key = await create('taken', [user('ana')]);
      const outcome = await controller.apply({
        id: 'taken',
        fence: fence++,
        preconditions: [{ role: key, digest: 'absent' }],
        changes: [{ op: 'create-role', role: { ...key, pattern: '.*', permissions: [] } }],
        keepAdministrators: [],
      });
      assert.equal(outcome.outcome, 'conflict');
      assert.deepEqual((await find(key))!.permissions, [READ]);
    });

    test('a fence lower than one that was seen is told, for changes and for leavers', async () => {
      const key = await create('fenced', [user('ana')]);
      const { digest } = (await find(key))!;
      const outcome = await controller.apply({
        id: 'late',
        fence: fence - 2,
        preconditions: [{ role: key, digest }],
        changes: [{ op: 'revoke', role: key, principal: user('ana') }],
        keepAdministrators: [],
      });
      assert.equal(outcome.outcome, 'fenced');
      const late = await controller.cut(1, [{ id: 'ana', steps: ['remove-entries'], entries: 'all' }]);
      assert.equal(late.outcome, 'fenced');
      assert.equal((await find(key))!.entries.length, 1);
    });

    test('a batch after which nobody named could administer is undone', async () => {
      const last = `${prefix}last-admin`;
      const key = await create('admins', [user(last)], {
        type: 'global',
        pattern: '.*',
        permissions: [ADMINISTER, OVERALL_READ],
      });
      const before = await controller.observe();
      for (const change of [
        { op: 'revoke', role: key, principal: user(last) },
        { op: 'update-role', role: { ...key, pattern: '.*', permissions: [OVERALL_READ] } },
        { op: 'delete-role', role: key },
      ] as const) {
        const outcome = await apply([change], [last]);
        assert.equal(outcome.outcome, 'lock-out', change.op);
        assert.deepEqual((await controller.observe()).roles, before.roles);
      }
      const other = await apply([{ op: 'revoke', role: key, principal: user(last) }], [last, subject.account]);
      assert.equal(other.outcome, 'done');
    });

    test('an unknown permission or a broken pattern is refused before anything is touched', async () => {
      const key = await create('impossible', [user('ana')]);
      const before = (await controller.observe()).roles;
      for (const role of [
        { ...key, pattern: '.*', permissions: ['no.such.Permission'] },
        { ...key, pattern: '(', permissions: [READ] },
      ]) {
        const attempt = apply([
          { op: 'grant', role: key, principal: user('ben') },
          { op: 'update-role', role },
        ]);
        await assert.rejects(attempt, (error) => error instanceof ScimError && error.code === 'JEN_SCRIPT');
      }
      assert.deepEqual((await controller.observe()).roles, before);
    });

    test('a batch that touches a role without a precondition is a bug', async () => {
      const role = item(`${prefix}bare`);
      const changes: StrategyChange[] = [{ op: 'grant', role, principal: user('ana') }];
      await assert.rejects(
        controller.apply({ id: 'bare', fence: fence++, preconditions: [], changes, keepAdministrators: [] }),
        /without a precondition/,
      );
    });

    test('two thousand grants are one batch and one save', async () => {
      const people = Array.from({ length: 2000 }, (_, at) => user(`${prefix}p${at}`));
      const key = await create('crowd', []);
      const outcome = await apply(people.map((principal) => ({ op: 'grant', role: key, principal })));
      assert.ok(outcome.outcome === 'done', JSON.stringify(outcome).slice(0, 300));
      assert.equal(outcome.saves, 1);
      assert.equal((await find(key))!.entries.length, 2000);
      await subject.hands.assign(key, user(`${prefix}one-more`));
      assert.equal((await find(key))!.entries.length, 2001);
    });

    test('somebody without a record owes entries only', async () => {
      const id = `${prefix}nobody`;
      const key = await create('unrecorded', [user(id)]);
      const [state] = await controller.people([id]);
      assert.equal(state!.record, undefined);
      assert.deepEqual(state!.entries, [{ type: 'item', role: key.name, principal: user(id) }]);
      const result = await cut({ id, steps: ALL_STEPS, entries: 'all' });
      assert.equal(result.error, undefined);
      assert.ok(result.steps.every((step) => step.done));
      assert.equal(result.steps.find((step) => step.kind === 'remove-entries')!.count, 1);
      assert.deepEqual(result.after.entries, []);
      assert.equal(result.after.record, undefined);
      assert.deepEqual((await find(key))!.entries, []);
    });

    test('a leaver loses USER and EITHER entries that fold to the id, and keeps GROUP entries', async () => {
      const id = `${prefix}leaver`;
      const folded = (await controller.probe()).userIds === 'case-insensitive' ? id.toUpperCase() : id;
      const group: Principal = { type: 'group', id };
      const key = await create('folds', [user(id), user(folded), { type: 'either', id: folded }, group, user('ben')]);
      const result = await cut({ id, steps: ['remove-entries'], entries: 'all' });
      assert.deepEqual(result.after.entries, []);
      assert.deepEqual((await find(key))!.entries, [group, user('ben')]);
    });

    test('only the entries listed fall where the order lists them', async () => {
      const id = `${prefix}managed`;
      const key = await create('managed', [user(id)]);
      const other = await create('by-hand', [user(id)]);
      const result = await cut({ id, steps: ['remove-entries'], entries: [{ role: key, principal: user(id) }] });
      assert.deepEqual(
        result.after.entries.map((entry) => entry.role),
        [other.name],
      );
    });

    test('the account of the service is never taken apart', async () => {
      const before = (await controller.observe()).roles;
      const steps = [...ALL_STEPS, 'delete-record' as const];
      const outcome = await controller.cut(fence++, [{ id: subject.account, steps, entries: 'all' }]);
      const [result] = outcome.results;
      assert.notEqual(result!.error, undefined);
      assert.deepEqual(result!.steps, []);
      assert.deepEqual((await controller.observe()).roles, before);
      assert.equal((await controller.whoAmI()).anonymous, false);
    });

    test('the second cut takes no more than it was told', async (t) => {
      const { person, forget } = subject.hands;
      if (person === undefined || forget === undefined) return t.skip('nobody here can make records');
      const id = `${prefix}kept`;
      await person(id, { tokens: ['ci'], sshKeys: 1 });
      const keys = await cut({
        id,
        steps: ['second-cut'],
        again: ['remove-ssh-keys', 'close-ssh-sessions'],
        entries: [],
      });
      assert.equal(keys.steps[0]!.count, 1);
      assert.deepEqual([keys.after.tokens.length, keys.after.sshKeys], [1, 0]);
      const tokens = await cut({ id, steps: ['second-cut'], again: ['revoke-tokens'], entries: [] });
      assert.deepEqual([tokens.steps[0]!.count, tokens.after.tokens.length], [1, 0]);
      await forget(id);
    });

    test('a leaver with tokens, a legacy token, keys and a password keeps none of them', async (t) => {
      const { person, forget } = subject.hands;
      if (person === undefined || forget === undefined) return t.skip('nobody here can make records');
      const id = `${prefix}o'Hara+ü x`;
      await person(id, { tokens: ['ci', 'laptop'], legacyToken: true, sshKeys: 2, password: true });
      const [state] = await controller.people([id]);
      assert.equal(state!.record, id);
      assert.equal(state!.tokens.length, 3);
      assert.equal(state!.tokens.filter((token) => token.legacy).length, 1);
      assert.equal(state!.sshKeys, 2);
      assert.equal(state!.password, true);
      const listed = (await controller.inventory()).find((one) => one.id === id);
      assert.deepEqual(listed, state);

      const result = await cut({ id, steps: ALL_STEPS, entries: 'all' });
      assert.equal(result.error, undefined);
      assert.deepEqual(
        result.steps.map((step) => step.kind),
        ALL_STEPS.filter((kind) => !result.missing.includes(kind)),
      );
      assert.deepEqual(
        result.steps.filter((step) => !step.done),
        [],
      );
      const count = (kind: LeaverStepKind) => result.steps.find((step) => step.kind === kind)?.count;
      assert.equal(count('revoke-tokens'), 3);
      assert.equal(count('remove-ssh-keys'), 2);
      assert.equal(count('second-cut'), 0);
      assert.deepEqual(result.after.tokens, []);
      assert.equal(result.after.sshKeys, 0);
      assert.equal(result.after.sshSessions, 0);
      assert.equal(result.after.record, id);
      assert.deepEqual((await controller.people([id]))[0], result.after);

      const gone = await cut({ id, steps: ['delete-record'], entries: 'all' });
      assert.equal(gone.after.record, undefined);
      await forget(id);
    });

    test('odd ids are looked up and cut like any other', async () => {
      const ids = [...ODD, '', ' ', '..', 'SYSTEM', 'anonymous'];
      const key = await create('odd-leavers', [...ODD.map(user), user('stays')]);
      const states = await controller.people(ids);
      assert.deepEqual(
        states.map((state) => state.id),
        ids,
      );
      const orders = ODD.map((id): LeaverOrder => ({ id, steps: ALL_STEPS, entries: 'all' }));
      const outcome = await controller.cut(fence++, orders);
      assert.equal(outcome.outcome, 'done', JSON.stringify(outcome));
      for (const result of outcome.results) {
        assert.equal(result.error, undefined);
        assert.ok(
          result.steps.every((step) => step.done),
          JSON.stringify(result),
        );
      }
      assert.deepEqual((await find(key))!.entries, [user('stays')]);
    });

    test('what ids hold is told of those that have a record, with names and dates, and nothing is made', async (t) => {
      const { person, forget } = subject.hands;
      if (person === undefined || forget === undefined) return t.skip('nobody here can make records');
      const id = `${prefix}O'ld+ü x`;
      await person(id, { tokens: ['ci', 'laptop'], legacyToken: true, sshKeys: 2, password: true });
      const listed = async () => (await controller.inventory()).map((one) => one.id).toSorted();
      const before = await listed();
      const asked = [`${prefix}nobody`, id.toUpperCase(), ...ODD, ''];
      const { known, rest } = await controller.older(asked);
      assert.deepEqual(rest, []);
      assert.deepEqual(
        known.map((one) => [one.id, one.record]),
        [[id.toUpperCase(), id]],
      );
      const [{ tokens, ...held }] = known as [OlderCredentials];
      assert.deepEqual(
        { ...held, sshKeys: held.sshKeys.map(({ type }) => type) },
        {
          ...{ id: id.toUpperCase(), record: id, tokenCount: 3, sshKeyCount: 2, sshSessions: 0 },
          ...{ password: true, credentials: 0 },
          sshKeys: ['ssh-ed25519', 'ssh-ed25519'],
        },
      );
      assert.deepEqual(tokens.flatMap(({ name, legacy }) => (legacy ? [] : [name])).toSorted(), ['ci', 'laptop']);
      assert.equal(tokens.filter(({ legacy }) => legacy).length, 1);
      for (const { legacy, created } of tokens) if (!legacy) assert.ok(created !== undefined && created > 0);
      assert.deepEqual(
        new Set(tokens.map(({ uuid }) => uuid)),
        new Set((await controller.people([id]))[0]!.tokens.map(({ uuid }) => uuid)),
      );
      assert.deepEqual(await listed(), before);
      await forget(id);
      assert.deepEqual(await controller.older([id]), { known: [], rest: [] });
    });

    test('the uses of our own tokens are counted, each request once', async (t) => {
      const first = await controller.uses();
      if (first.tokens.length === 0) return t.skip('nobody here asks for tokens');
      assert.equal(first.counted, true);
      await controller.whoAmI();
      await controller.fingerprint();
      const second = await controller.uses();
      const total = ({ tokens }: typeof first) => tokens.reduce((sum, { uses }) => sum + uses, 0);
      assert.equal(total(second) - total(first), 3);
      assert.equal(new Set(second.tokens.map(({ uuid }) => uuid)).size, second.tokens.length);
    });

    test('an API token of our own is made as ourselves, listed, and revoked', async (t) => {
      if ((await controller.uses()).tokens.length === 0) return t.skip('nobody here asks for tokens');
      const listed = async () => (await controller.older([subject.account])).known[0]?.tokens ?? [];
      const before = await listed();
      const name = `${prefix}token`;
      const { uuid, value } = await controller.createToken(name);
      t.after(() => controller.revokeToken(uuid));
      assert.match(value, /^\S{20,}$/);
      const [made, ...more] = (await listed()).filter((token) => before.every((old) => old.uuid !== token.uuid));
      assert.deepEqual([made?.uuid, made?.name, made?.legacy, made?.lastUse, more], [uuid, name, false, undefined, []]);
      await controller.revokeToken(uuid);
      await controller.revokeToken(uuid);
      assert.deepEqual(
        (await listed()).map((token) => token.uuid),
        before.map((token) => token.uuid),
      );
    });

    test('people are told in the order they were asked for', async () => {
      const ids = [`${prefix}z`, `${prefix}a`, subject.account, 'no such, person'];
      const states = await controller.people(ids);
      assert.deepEqual(
        states.map((state) => state.id),
        ids,
      );
    });
  });
}

function keyOf(role: RoleKey): RoleKey {
  return { type: role.type, name: role.name };
}
