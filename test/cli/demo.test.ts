import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Provider } from '../../src/cli/demo/scim.ts';
import type { World } from '../../src/cli/demo/world.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { fakeEngine, run } from './fake.ts';

/** A world that answers the script of the demo as a working service would; `broken` grants nothing. */
function world(broken = false): World {
  let ids = 0;
  const members = new Map<string, string[]>();
  const names = new Map<string, string>();
  const provider = (name: string): Provider => ({
    name,
    async send(method, path, body) {
      const given = body as {
        displayName?: string;
        userName?: string;
        Operations?: { op: string; path?: string; value?: { value: string }[] }[];
      };
      if (method === 'POST') {
        const id = `id-${++ids}`;
        names.set(id, given.userName ?? given.displayName ?? '');
        return { status: 201, body: { id }, milliseconds: 2 };
      }
      const group = names.get(path.split('/')[2] ?? '') ?? '';
      const role = group.replace(/^ci-(.*)-dev$/, '$1-developer');
      for (const operation of given?.Operations ?? []) {
        const people = (Array.isArray(operation.value) ? operation.value : []).map(({ value }) => names.get(value)!);
        if (operation.op === 'remove') members.set(role, []);
        else if (people.length > 0 && !broken) members.set(role, [...(members.get(role) ?? []), ...people]);
      }
      return { status: 204, body: {}, milliseconds: 1 };
    },
  });
  return {
    engine: fakeEngine([], {
      held: async () => [
        {
          digest: 'abcdef0123456789',
          controller: 'practice',
          steps: 12,
          ceiling: 'all members of a group',
          reason: 'emptied',
          since: 's',
        },
      ],
      plan: async () => ({
        document: {
          digest: 'd',
          controllers: [{ name: 'practice', steps: [1], quarantined: [], unread: false }],
          unmanaged: ['mallory'],
        } as never,
        text: () => 'plan\n',
      }),
    }),
    scim: 'http://127.0.0.1:1/scim/v2',
    jenkins: 'http://127.0.0.1:2/',
    config: '/somewhere/jenkins-scim.yaml',
    providers: { okta: provider('okta'), entra: provider('entra') },
    holders: async (role) => members.get(role) ?? [],
    person: async () => ({ entries: 0, tokens: 0, sshKeys: 0 }),
    byHand: {
      grant: async (role, id) => void members.set(role, [...(members.get(role) ?? []), id]),
      equip: async () => {},
    },
    writes: true,
    close: async () => [],
  };
}

const time = { clock: systemClock, timers: systemTimers };

test('the script of the demo passes over a world that works, within 80 columns', async () => {
  const ran = await run(['demo', '--once'], {}, time, { demo: async () => world() });
  assert.equal(ran.exit, 0, ran.out);
  const wide = ran.out
    .split('\n')
    .filter((line) => line.length > 80 && !/because rule|not by|residual|-T?\d\d:/.test(line));
  assert.deepEqual(wide, []);
  assert.doesNotMatch(ran.out, /NO |\u001b/);
});

test('it exits 1 where something it claims does not happen', async () => {
  const quick = { ...time, clock: { now: systemClock.now, monotonic: () => systemClock.monotonic() * 100 } };
  const ran = await run(['demo', '--once'], {}, quick, { demo: async () => world(true) });
  assert.equal(ran.exit, 1);
  assert.match(ran.out, /NO Ana is pay-developer/);
});

test('afterwards it names three commands, and ends on a signal', async () => {
  const ran = await run(['demo'], {}, time, { demo: async () => world() });
  assert.equal(ran.exit, 0);
  assert.equal(ran.out.match(/npx jenkins-scim --config/g)?.length, 3);
});

test('a controller that may not be written is only observed', async () => {
  const observed = { ...world(), writes: false };
  const ran = await run(['demo', '--once', '--json'], {}, time, { demo: async () => observed });
  assert.equal(JSON.parse(ran.out).passed, true);
});

test('a signal in the middle of the story ends it, and what was made is taken back', async () => {
  const signal = Promise.withResolvers<string>();
  let closed = 0;
  const working = world();
  const interrupted: World = {
    ...working,
    holders: async () => {
      signal.resolve('SIGINT');
      return [];
    },
    close: async () => {
      closed += 1;
      return [];
    },
  };
  const ran = await run(
    ['demo', '--once'],
    {},
    { ...time, stopped: () => signal.promise },
    { demo: async () => interrupted },
  );
  assert.equal(ran.exit, 1);
  assert.match(ran.out, /Ended before the story was/);
  assert.equal(closed, 1);
});
