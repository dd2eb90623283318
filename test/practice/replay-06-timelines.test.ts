import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedTime } from '../sim/time.ts';
import { basic, practise, SERVICE, TOKEN } from './stage.ts';
import { type Probed, transcript } from './transcript.ts';
import { type Raw, sendRaw } from './wire.ts';

const PATHS: Readonly<Record<string, string>> = {
  'GET api': '/api/json',
  'GET getAllRoles': '/role-strategy/strategy/getAllRoles',
  'GET health': '/health/',
  'GET whoAmI': '/whoAmI/api/json',
  'POST assign': '/role-strategy/strategy/assignUserRole',
  'POST scriptText': '/scriptText',
};

const FAILURES: Readonly<Record<string, string>> = {
  ConnectionResetError: 'ECONNRESET',
  ConnectionRefusedError: 'ECONNREFUSED',
};

/** Probes that hung in connections from before; see `inFlight` in deviations.ts. */
const IN_FLIGHT: Readonly<Record<string, string>> = { RemoteDisconnected: 'ECONNREFUSED', TimeoutError: 'ECONNRESET' };

const LINES = { 'kill-and-start': 'kill', restart: 'restart', safeRestart: 'safeRestart' } as const;

for (const [run, line] of Object.entries(LINES))
  test(`topic 06, time lines: ${run}`, async (t) => {
    const time = new SimulatedTime();
    const practice = await practise({ clock: time, timers: time, speed: 1 });
    t.after(() => practice.close());
    const probes = transcript<Probed>('06-restart-timelines').filter((probe) => probe.run === run);
    const inFlight: string[] = [];
    let begun = false;
    for (const probe of probes) {
      if (!begun && probe.t > 0) {
        void practice.hands.restart(line);
        begun = true;
      }
      await time.advance(Math.round(probe.t * 1000) - time.monotonic());
      await listening();
      await t.test(`${probe.t} s ${probe.probe}: ${probe.result}`, async () => {
        const answer = send(practice.url, probe.probe);
        if (typeof probe.result === 'string') {
          if (IN_FLIGHT[probe.result] !== undefined) inFlight.push(probe.result);
          await assert.rejects(answer, { code: FAILURES[probe.result] ?? IN_FLIGHT[probe.result]! });
        } else {
          const raw = await answer;
          assert.equal(raw.status, probe.result);
          assert.equal(textOf(raw.body).slice(0, probe.text.length), probe.text);
        }
      });
    }
    assert.deepEqual(
      inFlight,
      run === 'restart' ? [] : [run === 'safeRestart' ? 'TimeoutError' : 'RemoteDisconnected'],
    );
  });

/** A server that was told to listen, or to stop, does so within a few turns of the event loop. */
async function listening(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function send(base: string, probe: string): Promise<Raw> {
  const post = probe.startsWith('POST');
  return sendRaw(base, {
    method: post ? 'POST' : 'GET',
    path: PATHS[probe]!,
    headers: {
      Authorization: basic(SERVICE, TOKEN),
      ...(post ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
    },
    ...(post ? { body: probe === 'POST assign' ? 'type=globalRoles&roleName=admin&user=x' : 'script=' } : {}),
  });
}

/** What a reader sees: the title, then the text of the body. Empty for what is no page, as the recorder left it. */
function textOf(body: string): string {
  if (!/<html/i.test(body)) return '';
  return body
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
