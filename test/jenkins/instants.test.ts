import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cut } from '../../src/jenkins/scripts/cut.ts';
import { older } from '../../src/jenkins/scripts/older.ts';
import { people } from '../../src/jenkins/scripts/people.ts';
import { probe } from '../../src/jenkins/scripts/probe.ts';
import { reply } from '../../src/jenkins/scripts/script.ts';

/** Each shape in which a controller tells a time, with that time in it. */
const TOLD: Readonly<Record<string, (at: number) => boolean>> = {
  'every answer': (time) => reply.safeParse({ ok: true, session: 's', time, result: null }).success,
  writers: (at) => {
    const { error } = probe.result.safeParse({ writers: [{ lineage: 'l', at }] });
    return error!.issues.every(({ path }) => path[0] !== 'writers');
  },
  'a token that was made': (created) => older.result.safeParse(known({ created, lastUse: null })).success,
  'a token that was used': (lastUse) => older.result.safeParse(known({ created: null, lastUse })).success,
  'a token of somebody': (lastUse) =>
    people.result.safeParse({ people: [person({ ...TOKEN, lastUse })], rest: [] }).success,
  'a step of a leaver': (at) => {
    const steps = [{ kind: 'revoke-tokens', at, done: true, count: null, reason: null }];
    const results = [{ id: 'ana', steps, missing: [], after: person(), error: null }];
    const remoteTriggers = { count: 0, jobs: [], whole: true };
    return cut.result.safeParse({ outcome: 'done', results, rest: [], saves: 1, remoteTriggers }).success;
  },
};

const TOKEN = { uuid: 'u', name: 'n', legacy: false };

function known(token: { readonly created: number | null; readonly lastUse: number | null }) {
  const one = { id: 'ana', record: 'ana', tokens: [{ ...TOKEN, ...token }], tokenCount: 1 };
  const keys = { sshKeys: [], sshKeyCount: 0, sshSessions: 0, password: false, credentials: 0, error: null };
  return { known: [{ ...one, ...keys }], rest: [] };
}

function person(...tokens: readonly object[]) {
  return {
    ...{ id: 'ana', record: 'ana', tokens, sshKeys: 0, sshSessions: 0, password: false, signedIn: false, marks: null },
    ...{ credentials: 0, runningBuilds: 0, queuedBuilds: 0, entries: [], error: null },
  };
}

test('a time that a controller tells is one that a calendar has, also where it is held against ours', () => {
  for (const [what, takes] of Object.entries(TOLD)) {
    for (const right of [0, Date.UTC(2026, 10, 28), Date.UTC(9999, 0)]) assert.ok(takes(right), `${what}: ${right}`);
    for (const wrong of [9e15, -9e15, 1e300, -1e300, 8.64e15]) assert.ok(!takes(wrong), `${what}: ${wrong}`);
  }
});
