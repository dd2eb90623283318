import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import type { Controller } from '../../../src/access/ports/controller.ts';
import { refuse } from '../../../src/errors.ts';
import { rowsOf as rowsOfPeople } from '../../../src/store/sql/lists.ts';
import { explain } from '../../directory/plan.ts';
import { counting } from '../counting.ts';
import { passThrough } from '../passThrough.ts';
import { recordsOf } from '../rows.ts';
import { eventually, type SyncWorld, syncWorld, type WorldOptions } from '../world.ts';

const sync = { kind: 'sync' } as const;

/** Ids of each call for what is older. */
function counted(calls: string[][]): NonNullable<WorldOptions['wrap']> {
  return (controller): Controller => ({
    ...passThrough(controller),
    older(ids) {
      calls.push([...ids]);
      return controller.older(ids);
    },
  });
}

async function world(t: Parameters<typeof syncWorld>[0], options: WorldOptions = {}) {
  const calls: string[][] = [];
  const made = await syncWorld(t, { start: false, wrap: counted(calls), ...options });
  return Object.assign(made, { calls });
}

const rowsOf = (of: SyncWorld) =>
  of.store.read((db) => db.selectFrom('new_links').selectAll().orderBy('folded_id').execute());

/** Until the service has read everything once more. */
async function lookedAtAll(of: SyncWorld): Promise<void> {
  const last = async (): Promise<number> => {
    const row = await of.store.read((db) => db.selectFrom('controllers').select('full_ms').executeTakeFirst());
    return row?.full_ms ?? 0;
  };
  const before = await last();
  of.time.forward(900_000);
  await of.group(`look-${before}`);
  await eventually(async () => (await last()) > before);
}

async function foundOf(of: SyncWorld) {
  const rows = await rowsOf(of);
  return rows.map(({ id, taken, former_connection, found }) => {
    const held = JSON.parse(found ?? 'null');
    return [id, taken, former_connection, held && [held.tokenCount, held.sshKeyCount, held.sshSessions]];
  });
}

test('linking to an id that exists lists its older tokens, keys and sessions, once', async (t) => {
  const here = await world(t);
  const { hands } = here.practice;
  hands.mintToken('Ana', 'laptop');
  hands.addSshKey('ana');
  hands.openSshSession('ana');
  await here.person('ana');
  await here.person('ben');
  await here.group('ci-pay-dev', ['ana', 'ben']);
  await here.order(sync);
  assert.deepEqual(
    here.calls.map((ids) => ids.toSorted()),
    [['ana', 'ben']],
  );
  assert.deepEqual(await foundOf(here), [['ana', 0, null, [1, 1, 1]]]);
  const [row] = await rowsOf(here);
  const { record, tokens } = JSON.parse(row!.found!);
  assert.equal(record, 'Ana');
  assert.deepEqual(
    tokens.map(({ name, legacy }: { name: string; legacy: boolean }) => [name, legacy]),
    [['laptop', false]],
  );
  assert.deepEqual(here.holders('pay-developer').toSorted(), ['ana', 'ben']);
  assert.equal(here.practice.look.person('ana').tokens, 1, 'nothing is revoked by itself');
  await here.order(sync);
  assert.equal(here.calls.length, 1);
  assert.equal((await recordsOf(here, 'ana')).filter((kind) => kind === 'identity.older').length, 1);
});

test('who gets the id of somebody who left is told of the credentials that one kept there', async (t) => {
  const here = await world(t);
  here.practice.hands.account('ana', 'a password');
  here.practice.hands.addCredential('ana');
  await here.person('ana');
  await here.order(sync);
  await here.order({ kind: 'revoke-older', person: here.idOf('ana') });
  await here.remove('ana');
  await here.order(sync);
  const { controllers } = await here.certificate('ana');
  assert.ok(controllers[0]!.residual.includes('1 credential(s) of the user'));
  assert.deepEqual(await rowsOf(here), []);
  await here.person('ana');
  await here.order(sync);
  const [row] = await rowsOf(here);
  assert.equal(JSON.parse(row?.found ?? '{}').credentials, 1);
  assert.ok((await recordsOf(here, 'ana')).includes('identity.older'));
});

test('the record tells numbers, uuids and dates; names and fingerprints are personal and can be erased', async (t) => {
  const here = await world(t);
  here.practice.hands.mintToken('ana', 'secret-project');
  here.practice.hands.addSshKey(
    'ana',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFi8S0Zlo2E9wQQue728UK1tPB6WuVt4l/eIdpK0aaaa',
  );
  await here.person('ana');
  await here.order(sync);
  const subject = { kind: 'user', id: here.idOf('ana') } as const;
  const [record] = (await here.ledger.about(subject, 100)).filter(({ kind }) => kind === 'identity.older');
  assert.equal(record!.actor, 'sync');
  const { tokens, ...body } = record!.body as { tokens: { uuid: string; createdAt: string }[] };
  assert.deepEqual(body, {
    ...{ controller: 'ci', takenOver: false, tokenCount: 1, sshKeys: 1, sshSessions: 0, password: false },
    credentials: 0,
  });
  assert.match(tokens[0]!.uuid, /^[0-9a-f-]{36}$/);
  assert.ok(Number.isFinite(Date.parse(tokens[0]!.createdAt)));
  assert.doesNotMatch(JSON.stringify(record!.body), /secret-project|SHA256|ana/);
  assert.equal(record!.personal?.jenkinsId, 'ana');
  assert.equal(record!.personal?.tokenNames, '["secret-project"]');
  assert.equal(record!.personal?.sshKeys, '["SHA256:x6PF40xS8lXKG3p36jUKQ7gGlUuCGR1smZi+VGsnAgw"]');
  await here.ledger.erase(subject);
  const [erased] = (await here.ledger.about(subject, 100)).filter(({ kind }) => kind === 'identity.older');
  assert.equal(erased!.personal, undefined);
});

test('an id with a record that holds nothing, and one that the controller does not know, are no findings', async (t) => {
  const here = await world(t);
  here.practice.hands.account('ana', 'a password');
  await here.person('ana');
  await here.person('ben');
  await here.order(sync);
  assert.equal(here.calls.length, 1);
  assert.deepEqual(await rowsOf(here), []);
  assert.equal(here.practice.look.person('ben').tokens, 0);
  assert.deepEqual((await here.context.controller('ci').inventory()).map(({ id }) => id).sort(), [
    'admin',
    'ana',
    'jenkins-scim',
  ]);
});

test('a pass without a new link asks nothing: changes, gains, losses and full reads of those who are linked', async (t) => {
  const here = await world(t);
  for (const name of ['ana', 'ben']) await here.person(name);
  await here.group('ci-pay-dev', ['ana']);
  await here.order(sync);
  here.calls.length = 0;
  here.practice.hands.mintToken('ana');
  await here.add('ci-pay-dev', 'ben');
  await here.change('ana', { title: 'Dr.' });
  await here.drop('ci-pay-dev', 'ana');
  for (const name of ['ana', 'ben']) await here.order({ kind: 'sync', person: here.idOf(name) });
  await here.order(sync);
  await here.order({ kind: 'apply' });
  assert.deepEqual(here.calls, []);
  assert.deepEqual(await rowsOf(here), []);
});

test('the primary connection takes an id over: what whoever had it can act with is listed, a bare record too', async (t) => {
  const here = await world(t);
  await here.person('ana', {}, 'entra');
  await here.person('ben', {}, 'entra');
  await here.order(sync);
  assert.deepEqual(await rowsOf(here), []);
  here.practice.hands.mintToken('ana', 'of the squatter');
  here.practice.hands.openSession('ben');
  const [squatter, ana] = [here.idOf('ana'), await here.person('ana')];
  await here.person('ben');
  await here.group('ci-pay-dev', ['ana']);
  await here.order(sync);
  assert.deepEqual(await foundOf(here), [
    ['ana', 1, 'entra', [1, 0, 0]],
    ['ben', 1, 'entra', [0, 0, 0]],
  ]);
  const [row] = await rowsOf(here);
  assert.deepEqual([row!.person, row!.former_person, row!.connection], [ana, squatter, 'okta']);
  assert.equal(here.practice.look.person('ana').tokens, 1);
  assert.deepEqual(here.holders('pay-developer'), ['ana']);
});

test('what a rename or a hand-over cuts in the same pass is not told as older', async (t) => {
  const here = await world(t);
  for (const name of ['ana', 'bo']) await here.person(name);
  await here.group('ci-pay-dev', ['ana', 'bo']);
  await here.order(sync);
  here.practice.hands.mintToken('ana');
  here.practice.hands.mintToken('bo');
  await here.change('ana', { userName: 'tmp' });
  await here.change('bo', { userName: 'ana' });
  await here.change('ana', { userName: 'bo' });
  await here.order(sync);
  assert.equal(here.practice.look.person('ana').tokens, 0);
  assert.deepEqual(await rowsOf(here), []);
});

test('a rename to an id that exists lists what it held', async (t) => {
  const here = await world(t);
  await here.person('ana');
  await here.group('ci-pay-dev', ['ana']);
  await here.order(sync);
  here.practice.hands.mintToken('root', 'of somebody');
  await here.change('ana', { userName: 'root' });
  await here.order(sync);
  assert.deepEqual(await foundOf(here), [['root', 0, null, [1, 0, 0]]]);
});

test('in observe mode it is told before anything is given', async (t) => {
  const here = await world(t, { mode: 'observe' });
  here.practice.hands.mintToken('ana');
  await here.person('ana');
  await here.group('ci-pay-dev', ['ana']);
  await here.order(sync);
  assert.deepEqual(await foundOf(here), [['ana', 0, null, [1, 0, 0]]]);
  assert.deepEqual(here.practice.look.roles('item'), []);
});

test('a controller that does not tell stops no grant; the next pass over everybody asks again', async (t) => {
  let failing = true;
  const here = await world(t, {
    wrap: (controller): Controller => ({
      ...passThrough(controller),
      async older(ids) {
        if (failing) throw refuse('JEN_FORBIDDEN', { controller: 'ci' });
        return controller.older(ids);
      },
    }),
  });
  here.practice.hands.mintToken('ana');
  await here.person('ana');
  await here.group('ci-pay-dev', ['ana']);
  const applied = await here.order(sync);
  assert.equal(applied.error, undefined);
  assert.deepEqual(here.holders('pay-developer'), ['ana']);
  assert.deepEqual(await foundOf(here), [['ana', 0, null, null]]);
  assert.ok(here.lines.some(({ message }) => message.includes('did not tell what newly linked ids held')));
  failing = false;
  await here.order({ kind: 'sync', person: here.idOf('ana') });
  assert.deepEqual(
    await foundOf(here),
    [['ana', 0, null, null]],
    'a pass over some people asks for its own links only',
  );
  await here.order(sync);
  assert.deepEqual(await foundOf(here), [['ana', 0, null, [1, 0, 0]]]);
});

test('links of a pass that failed after it had stored them are asked about by a later one', async (t) => {
  let failing = false;
  const here = await syncWorld(t, {
    wrap: (controller): Controller => ({
      ...passThrough(controller),
      async apply(batch) {
        if (failing && batch.changes.length > 0) throw refuse('JEN_FORBIDDEN', { controller: 'ci' });
        return controller.apply(batch);
      },
    }),
  });
  await here.group('ci-pay-dev');
  await lookedAtAll(here);
  failing = true;
  here.practice.hands.mintToken('ana');
  await here.person('ana');
  await here.add('ci-pay-dev', 'ana');
  await eventually(async () => (await rowsOf(here)).length === 1);
  await eventually(() => here.lines.some(({ message }) => message === 'a controller could not be worked on'));
  assert.deepEqual(await foundOf(here), [['ana', 0, null, null]]);
  failing = false;
  await eventually(() => here.holders('pay-developer').includes('ana'));
  await lookedAtAll(here);
  await eventually(async () => (await rowsOf(here))[0]?.found !== null);
  assert.deepEqual(await foundOf(here), [['ana', 0, null, [1, 0, 0]]]);
});

test('a running service asks again where it got no answer, and looks for nothing where it has them all', async (t) => {
  let failing = false;
  const counts = counting();
  const here = await syncWorld(t, {
    store: counts.over,
    wrap: (controller): Controller => ({
      ...passThrough(controller),
      async older(ids) {
        if (failing) throw refuse('JEN_FORBIDDEN', { controller: 'ci' });
        return controller.older(ids);
      },
    }),
  });
  await lookedAtAll(here);
  failing = true;
  here.practice.hands.mintToken('ana');
  await here.person('ana');
  await eventually(() => here.lines.some(({ message }) => message.includes('did not tell what newly linked ids held')));
  failing = false;
  await lookedAtAll(here);
  await eventually(async () => (await foundOf(here))[0]?.[3] !== null);
  counts.take();
  await lookedAtAll(here);
  assert.deepEqual(
    counts.take().statements.filter((text) => /new_links/.test(text)),
    [],
  );
});

test('asking goes on where a script ended; somebody who left goes in between', async (t) => {
  const asked: number[] = [];
  let left = (): Promise<unknown> => Promise.resolve();
  let before: number | undefined;
  const here = await syncWorld(t, {
    wrap: (controller): Controller => ({
      ...passThrough(controller),
      async older(ids) {
        asked.push(ids.length);
        if (asked.length === 1) await left();
        const { known } = await controller.older(ids.slice(0, 2));
        return { known, rest: ids.slice(2) };
      },
      cut(fence, orders) {
        before ??= asked.length;
        return controller.cut(fence, orders);
      },
    }),
    start: false,
  });
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of [...names, 'gone']) here.practice.hands.mintToken(name);
  await here.person('gone');
  await here.group('ci-users', ['gone']);
  await here.order(sync);
  assert.deepEqual(asked.splice(0), [1]);
  left = () => here.change('gone', { active: false });
  for (const name of names) await here.person(name);
  await here.add('ci-users', ...names);
  here.start();
  await eventually(() => here.practice.look.person('gone').tokens === 0);
  assert.equal(before, 1, 'scripts before somebody who left');
  await eventually(async () => (await rowsOf(here)).filter(({ found }) => found !== null).length >= 2);
  await here.stop();
  await here.order(sync);
  const found = (await foundOf(here)).filter(([id, , , held]) => held !== null && id !== 'gone');
  assert.deepEqual(
    found.map(([id]) => id),
    names,
  );
});

test('who leaves is cut, and what was found of the id ends with it; back before anything began, it stays', async (t) => {
  const here = await world(t);
  here.practice.hands.mintToken('ana');
  await here.person('ana');
  await here.group('ci-users', ['ana']);
  await here.order(sync);
  const mode = here.config.controllers[0] as { mode: string };
  mode.mode = 'observe';
  await here.change('ana', { active: false });
  await here.order(sync);
  await here.change('ana', { active: true });
  await here.order(sync);
  assert.deepEqual(await foundOf(here), [['ana', 0, null, [1, 0, 0]]]);
  mode.mode = 'enforce';
  await here.change('ana', { active: false });
  await here.order(sync);
  assert.equal(here.practice.look.person('ana').tokens, 0);
  await here.change('ana', { active: true });
  await here.order(sync);
  assert.deepEqual(await rowsOf(here), []);
});

test('a first sync asks by one script and a few statements, however many ids; nobody on them is a row afterwards', async (t) => {
  const many = 3_000;
  const counts = counting();
  const here = await world(t, { store: counts.over });
  const people = rowsOfPeople(
    { id: 'text' },
    Array.from({ length: many }, (_, n) => [`p-${String(n).padStart(5, '0')}`]),
  );
  await here.store.write(async ({ db }) => {
    await sql`INSERT INTO users (id, connection, user_name, user_name_key, active, document, created_at, modified_at, version)
      SELECT id, 'okta', id, id, 1, '{}', '2026-11-24T08:00:00.000Z', '2026-11-24T08:00:00.000Z', 1 FROM ${people} AS p
      WHERE true`.execute(db);
  });
  for (const id of ['p-00007', 'p-02999']) here.practice.hands.mintToken(id);
  counts.take();
  await here.order(sync);
  const { statements } = counts.take();
  assert.deepEqual(
    here.calls.map((ids) => ids.length),
    [many],
  );
  assert.deepEqual(
    (await rowsOf(here)).map(({ id }) => id),
    ['p-00007', 'p-02999'],
  );
  const about = statements.filter((text) => /new_links/.test(text));
  // A part of 500 rows is one INSERT and one DELETE; a page of 1,000 is one SELECT.
  assert.ok(about.length <= (2 * many) / 500 + many / 1_000 + 6, `${about.length} statements`);
  counts.take();
  await here.order({ kind: 'sync', person: 'p-00007' });
  assert.deepEqual(
    counts.take().statements.filter((text) => /new_links/.test(text)),
    [],
  );
});

test('ids that wait to be asked about are found by an index', async (t) => {
  const counts = counting();
  const here = await world(t, { store: counts.over });
  await here.person('ana');
  await here.order(sync);
  const [statement = ''] = counts.take().statements.filter((text) => /^select .* from "new_links"/i.test(text));
  const steps = (await explain(here, statement)).join('\n');
  assert.match(steps, /new_links_unasked/, steps);
});
