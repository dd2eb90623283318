import { createHash } from 'node:crypto';
import type { Controller } from '../../src/access/ports/controller.ts';
import { type HttpAnswer, HttpFailure, type HttpRequest } from '../../src/access/ports/http.ts';
import type { Log } from '../../src/access/ports/log.ts';
import { createController } from '../../src/jenkins/controller.ts';
import { readLetter } from '../../src/jenkins/envelope.ts';
import { published, type ScriptName } from '../../src/jenkins/scripts/catalogue.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';

/** What a fake answers a script with: a result, a whole answer, or a failure. */
export type Told = { readonly result: unknown } | HttpAnswer | HttpFailure;

export interface Sent {
  readonly script: ScriptName;
  /** Stands before the line that is believed. */
  readonly sentinel: string;
  readonly parameters: Record<string, unknown> & { changes?: { op: string; entries?: string[] }[] };
}

export interface Fake {
  readonly controller: Controller;
  /** Scripts sent, in order. */
  readonly sent: Sent[];
  readonly requests: HttpRequest[];
  readonly logged: unknown[];
  readonly time: SimulatedTime;
  /** Waits for `work` while simulated time goes on. */
  settle<T>(work: Promise<T>): Promise<T>;
}

export const whoAmI = (name = 'svc', session = 's1'): HttpAnswer => ({
  status: 200,
  headers: { 'x-jenkins-session': session },
  body: JSON.stringify({ anonymous: false, authorities: ['authenticated'], name }),
});

/** A controller whose HTTP is two functions: what `whoAmI` gives at its n-th time, and what a script gives. */
export function fake(answers: {
  readonly who?: (nth: number) => HttpAnswer | HttpFailure;
  readonly script: (sent: Sent, nth: number) => Told;
  readonly session?: string;
  /** Milliseconds by which its clock is ahead of ours. */
  readonly ahead?: number;
}): Fake {
  const time = new SimulatedTime();
  const names = new Map(published().map(({ name, sha256 }) => [sha256, name]));
  const sent: Sent[] = [];
  const requests: HttpRequest[] = [];
  const logged: unknown[] = [];
  let asked = 0;
  const note = (message: string, fields?: unknown) => logged.push([message, fields]);
  const log: Log = { debug: note, info: note, warn: note, error: note, with: () => log };

  function scriptAnswer(body: string): HttpAnswer | HttpFailure {
    const letter = readLetter(new URLSearchParams(body).get('script') ?? '');
    if (letter === undefined) throw new Error('no letter of ours');
    const name = names.get(createHash('sha256').update(letter.text, 'utf8').digest('hex'));
    if (name === undefined) throw new Error('a text that no hash is known of');
    const now: Sent = { script: name, sentinel: letter.sentinel, parameters: JSON.parse(letter.parameters) };
    sent.push(now);
    const told = answers.script(now, sent.length);
    if (!('result' in told)) return told;
    const reply = {
      ok: true,
      session: answers.session ?? 's1',
      time: time.now() + (answers.ahead ?? 0),
      result: told.result,
    };
    return { status: 200, headers: {}, body: `${letter.sentinel}${JSON.stringify(reply)}\n` };
  }

  const controller = createController(
    { name: 'ci', url: 'http://ci.test/jenkins/', user: 'svc' },
    {
      http: {
        async send(request) {
          requests.push(request);
          const answer = request.url.endsWith('/whoAmI/api/json')
            ? (answers.who?.(++asked) ?? whoAmI())
            : scriptAnswer(request.body ?? '');
          if (answer instanceof HttpFailure) throw answer;
          return answer;
        },
        close: async () => {},
      },
      secret: () => 'canary-token',
      clock: time,
      timers: time,
      random: seededRandom(),
      log,
      timeout: 60_000,
      lineage: 'db-1',
    },
  );

  async function settle<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const watched = work.finally(() => {
      done = true;
    });
    watched.catch(() => {});
    for (let step = 0; !done && step < 2000; step++) await time.advance(50);
    return watched;
  }

  return { controller, sent, requests, logged, time, settle };
}
