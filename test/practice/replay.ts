import assert from 'node:assert/strict';
import type { Practice } from '../../src/practice/controller.ts';
import { type DeviationName, isRenderedPage } from './deviations.ts';
import { basic } from './stage.ts';
import type { Recorded } from './transcript.ts';
import { type Raw, sendRaw } from './wire.ts';

/** Left out by the recorder, or made by the client's connection. */
const UNRECORDED = new Set(['date', 'connection', 'keep-alive']);

const RECORDED_ADDRESS = 'http://127.0.0.1:8081/';

/** Replays exchanges against a practice controller and compares what comes back. */
export class Replay {
  readonly used = new Set<DeviationName>();
  readonly #practice: Practice;
  readonly #secrets: Readonly<Record<string, string>>;
  readonly #own = new Map<string, string>();
  readonly #recorded = new Map<string, string>();
  readonly #cookies = new Map<string, string>();

  /** `secrets`: what stands for the recorder's placeholders, `alice:API_TOKEN` and the like. */
  constructor(practice: Practice, secrets: Readonly<Record<string, string>>) {
    this.#practice = practice;
    this.#secrets = secrets;
  }

  /** Makes an own random value the counterpart of a recorded one. */
  learn(kind: string, recorded: string, own: string): void {
    this.used.add('random');
    const key = `${kind} ${recorded}`;
    assert.equal(this.#own.get(key) ?? own, own, `${key} stood for another value before`);
    assert.equal(this.#recorded.get(`${kind} ${own}`) ?? recorded, recorded, `${own} stands for two recorded ones`);
    this.#own.set(key, own);
    this.#recorded.set(`${kind} ${own}`, recorded);
  }

  /** Names the session that an exchange was answered with. */
  keep(n: string, cookie: string): void {
    this.#cookies.set(n, cookie);
  }

  /** Sends what was recorded; `session`: number of the exchange whose cookie goes along. */
  async send(recorded: Recorded, session?: string): Promise<Raw> {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(recorded.request.headers ?? {}))
      headers[name] = this.#filled(name, value, session);
    const body = recorded.request.body;
    const raw = await sendRaw(this.#practice.url, {
      method: recorded.request.method,
      path: recorded.request.path,
      headers,
      ...(body === undefined || body === null || body === '' ? {} : { body: this.#body(body) }),
    });
    const set = /JSESSIONID=([^;]+)/.exec(raw.headers['Set-Cookie'] ?? '')?.[1];
    if (set !== undefined) this.keep(number(recorded), set);
    return raw;
  }

  /** Status, every header, and the body. */
  compare(recorded: Recorded, raw: Raw): void {
    const { response } = recorded;
    assert.equal(raw.status, response.status, 'status');
    const own = response.headers['X-Jenkins-Session'];
    if (own !== undefined) this.learn('start', own, raw.headers['X-Jenkins-Session'] ?? '');
    this.#compareBody(recorded, raw);
    assert.deepEqual(this.#headers(raw), this.#expectedHeaders(recorded), 'headers');
  }

  async run(recorded: Recorded, session?: string): Promise<void> {
    this.compare(recorded, await this.send(recorded, session));
  }

  #filled(name: string, value: string, session: string | undefined): string {
    if (name === 'Cookie') {
      const cookie = this.#cookies.get(session ?? '');
      assert.ok(cookie !== undefined, `no session is known for ${session}`);
      return value.replace('<SESSION>', cookie);
    }
    if (name === 'Jenkins-Crumb') return this.#crumb(value);
    const credential = /^Basic <(.*)>$/.exec(value)?.[1];
    if (credential === undefined) return value;
    const secret = this.#secrets[credential];
    assert.ok(secret !== undefined, `no secret for ${credential}`);
    return basic(credential.split(':')[0]!, secret);
  }

  #crumb(recorded: string): string {
    const own = this.#own.get(`crumb ${recorded}`);
    assert.ok(own !== undefined, `no crumb is known for ${recorded}`);
    return own;
  }

  /** The login form's secrets and crumb are placeholders, too. */
  #body(body: string): string {
    return body
      .replace(/<(?:SECRET|PASSWORD)>/, () => encodeURIComponent(this.#secrets['admin:PASSWORD'] ?? ''))
      .replace(/(?<=Jenkins-Crumb=)[0-9a-f]{64}/, (crumb) => this.#crumb(crumb));
  }

  #compareBody(recorded: Recorded, raw: Raw): void {
    const expected = recorded.response.body ?? '';
    if (isRenderedPage(recorded)) {
      this.used.add('renderedPage');
      assert.equal(titleOf(raw.body), titleOf(expected), 'title');
    } else if (recorded.response.truncated === true) {
      assert.equal(this.#ownText(raw.body).slice(0, expected.length), this.#ownText(expected), 'body');
    } else this.#compareText(raw.body, this.#expectedBody(recorded, raw));
  }

  /** The recorded body with our random values and our address. */
  #expectedBody(recorded: Recorded, raw: Raw): string {
    let body = recorded.response.body ?? '';
    const crumb = /"crumb":"([0-9a-f]{64})"/.exec(body)?.[1];
    if (crumb !== undefined) {
      this.learn('crumb', crumb, /"crumb":"([0-9a-f]{64})"/.exec(raw.body)?.[1] ?? '');
      body = body.replace(crumb, this.#crumb(crumb));
    }
    if (body.includes(RECORDED_ADDRESS)) {
      this.used.add('address');
      body = body.replaceAll(RECORDED_ADDRESS, this.#practice.url);
    }
    return body;
  }

  #compareText(own: string, recorded: string): void {
    const [one, other] = [this.#ownText(own), this.#ownText(recorded)];
    if (one === other) return;
    assert.equal(permissionsSorted(one), permissionsSorted(other), 'body');
    this.used.add('permissionOrder');
  }

  /** Hashes of a start by what they stand for. */
  #ownText(body: string): string {
    return body.replace(
      /\/static\/([0-9a-f]{8})\//g,
      (_, hash: string) => `/static/${this.#own.get(`start ${hash}`) ?? hash}/`,
    );
  }

  #headers(raw: Raw): Record<string, string> {
    const shown = Object.entries(raw.headers).filter(([name]) => !UNRECORDED.has(name.toLowerCase()));
    return Object.fromEntries(
      shown.map(([name, value]) => [name, value.replace(/JSESSIONID=[^;]+/, 'JSESSIONID=<SESSION>')]),
    );
  }

  #expectedHeaders(recorded: Recorded): Record<string, string> {
    const headers = { ...recorded.response.headers };
    const session = headers['X-Jenkins-Session'];
    if (session !== undefined) headers['X-Jenkins-Session'] = this.#own.get(`start ${session}`) ?? '';
    const body = recorded.response.body ?? '';
    if (headers['Content-Length'] === undefined || !(body.includes(RECORDED_ADDRESS) || isHead(recorded)))
      return headers;
    const longer = this.#practice.url.length - RECORDED_ADDRESS.length;
    const times = isHead(recorded) ? ROOT_ADDRESSES : body.split(RECORDED_ADDRESS).length - 1;
    return { ...headers, 'Content-Length': String(Number(headers['Content-Length']) + longer * times) };
  }
}

/** How often `/api/json` tells the address; a HEAD has its length and no body. */
const ROOT_ADDRESSES = 3;

function permissionsSorted(body: string): string {
  return body.replace(/(?<="permissionIds":\{)[^{}]*(?=\})/g, (inner) => inner.split(',').toSorted().join(','));
}

function isHead(recorded: Recorded): boolean {
  return recorded.request.method === 'HEAD';
}

export function number(recorded: Recorded): string {
  return recorded.n.split('-')[0]!;
}

export function titleOf(html: string): string | undefined {
  return /<title>(.*?)<\/title>/s.exec(html)?.[1];
}
