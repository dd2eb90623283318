import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type HttpAnswer, HttpFailure } from '../../src/access/ports/http.ts';
import { SILENT } from '../../src/access/ports/log.ts';
import { createController } from '../../src/jenkins/controller.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';

const GOOD: HttpAnswer = {
  status: 200,
  headers: { 'x-jenkins-session': 's1' },
  body: '{"anonymous":false,"authorities":["authenticated"],"name":"svc"}',
};
const DENIED: HttpAnswer = { status: 401, headers: { 'www-authenticate': 'Basic realm="Jenkins"' }, body: '' };
const STARTING: HttpAnswer = { status: 503, headers: {}, body: 'Starting Jenkins' };
const BROKEN: HttpAnswer = { status: 500, headers: {}, body: 'Oops!' };

/** A controller whose answers depend on the simulated second. */
function world(at: (seconds: number) => HttpAnswer | HttpFailure) {
  const time = new SimulatedTime();
  let asked = 0;
  const controller = createController(
    { name: 'ci', url: 'http://ci.test/', user: 'svc' },
    {
      http: {
        async send() {
          asked++;
          const answer = at(time.monotonic() / 1000);
          if (answer instanceof HttpFailure) throw answer;
          return answer;
        },
        close: async () => {},
      },
      secret: () => 'token',
      clock: time,
      timers: time,
      random: seededRandom(),
      log: SILENT,
      timeout: 60_000,
    },
  );
  /** Name of what `whoAmI` ends with, and after how many simulated seconds. */
  async function ends(): Promise<{ end: string; seconds: number }> {
    let end: string | undefined;
    const started = time.monotonic();
    controller.whoAmI().then(
      (who) => {
        end = who.name;
      },
      (error: { code: string }) => {
        end = error.code;
      },
    );
    for (let step = 0; end === undefined && step < 2000; step++) await time.advance(50);
    return { end: end!, seconds: (time.monotonic() - started) / 1000 };
  }
  return { ends, time, asked: () => asked };
}

describe('patience', () => {
  test('a good answer needs one request', async () => {
    const here = world(() => GOOD);
    assert.equal((await here.ends()).end, 'svc');
    assert.equal(here.asked(), 1);
  });

  test('a 401 that lasts becomes a credential error after several seconds, not before', async () => {
    const { end, seconds } = await world(() => DENIED).ends();
    assert.equal(end, 'JEN_CREDENTIAL');
    assert.ok(seconds >= 6 && seconds < 10, `${seconds}`);
  });

  test('the 401 of a start ends with two good answers in a row', async () => {
    const here = world((seconds) => (seconds < 0.8 ? DENIED : GOOD));
    assert.equal((await here.ends()).end, 'svc');
    assert.ok(here.asked() >= 4);
  });

  test('a single good answer between refusals is not enough, and starts the wait anew', async () => {
    const here = world((seconds) => (seconds > 2 && seconds < 2.8 ? GOOD : DENIED));
    const { end, seconds } = await here.ends();
    assert.equal(end, 'JEN_CREDENTIAL');
    assert.ok(seconds >= 8, `${seconds}`);
  });

  test('a 503, a refused or a reset connection while asking is a restart, never a verdict', async () => {
    assert.equal((await world((seconds) => (seconds < 1 ? DENIED : STARTING)).ends()).end, 'JEN_RESTARTING');
    const refused = new HttpFailure('refused', false, 'ECONNREFUSED');
    assert.equal((await world((seconds) => (seconds < 1 ? DENIED : refused)).ends()).end, 'JEN_UNREACHABLE');
    assert.equal((await world(() => STARTING).ends()).end, 'JEN_RESTARTING');
  });

  test('a 500 that lasts is told as what it is', async () => {
    assert.equal((await world(() => BROKEN).ends()).end, 'JEN_REALM');
  });

  test('an answer that flaps for ever ends', async () => {
    let turn = 0;
    const { end } = await world(() => (turn++ % 2 === 0 ? DENIED : GOOD)).ends();
    assert.equal(end, 'JEN_RESTARTING');
  });

  test('whenever a recorded restart is looked at, no verdict about credential or right comes of it', async () => {
    interface Row {
      readonly run: string;
      readonly t: number;
      readonly probe: string;
      readonly result: number | string;
      readonly text: string;
    }
    const text = readFileSync(new URL('../transcripts/06-restart-timelines.jsonl', import.meta.url), 'utf8');
    const rows = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Row);
    const runs = [...new Set(rows.map((row) => row.run))];
    assert.equal(runs.length, 3);
    for (const run of runs) {
      const line = rows.filter((row) => row.run === run && row.probe === 'GET whoAmI');
      const at = (seconds: number): HttpAnswer | HttpFailure => {
        const row = line.findLast((one) => one.t <= seconds) ?? line[0]!;
        if (row.result === 200) return GOOD;
        if (row.result === 401) return { ...DENIED, body: row.text };
        if (typeof row.result === 'number') return { status: row.result, headers: {}, body: row.text };
        return new HttpFailure(row.result === 'ConnectionRefusedError' ? 'refused' : 'reset', true, row.result);
      };
      for (let start = 0; start < 17; start += 0.1) {
        const here = world((seconds) => at(seconds + start));
        const { end } = await here.ends();
        assert.ok(['svc', 'JEN_RESTARTING', 'JEN_UNREACHABLE'].includes(end), `${run} at ${start}: ${end}`);
      }
    }
  });
});
