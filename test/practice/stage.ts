import type { Controller } from '../../src/access/ports/controller.ts';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { createController } from '../../src/jenkins/controller.ts';
import { createHttp } from '../../src/jenkins/http.ts';
import { type Practice, startPractice } from '../../src/practice/controller.ts';
import type { PracticeOptions } from '../../src/practice/options.ts';

export const SERVICE = 'jenkins-scim';
export const TOKEN = '11aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
export const ADMIN_PASSWORD = 'correct horse';

/** A practice controller with the real clock; `speed` 200 makes a restart last some 50 ms. */
export function practise(options: Partial<PracticeOptions> = {}): Promise<Practice> {
  return startPractice({
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    user: SERVICE,
    token: TOKEN,
    users: [{ id: 'admin', password: ADMIN_PASSWORD, administrator: true }],
    speed: 200,
    ...options,
  });
}

/** The product's own driver on it. */
export function driver(practice: Practice, timeout = 10_000, secret: () => string = () => TOKEN): Controller {
  return createController(
    { name: 'practice', url: practice.url, user: SERVICE },
    {
      http: createHttp({ timers: systemTimers }),
      secret,
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      log: SILENT,
      timeout,
    },
  );
}

export interface Asked {
  readonly user?: string;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
}

export interface Heard {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** One plain request; as the service's account by token where nobody else is named, as nobody with `user: ''`. */
export async function ask(practice: Practice, method: string, path: string, asked: Asked = {}): Promise<Heard> {
  const { user = SERVICE, secret = TOKEN, headers = {}, form } = asked;
  const answer = await fetch(new URL(path, practice.url), {
    method,
    redirect: 'manual',
    headers: {
      ...(user === '' ? {} : { Authorization: basic(user, secret) }),
      ...headers,
    },
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
  });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

export function basic(user: string, secret: string): string {
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

/** A live session of somebody with a password, as a browser gets one. Gives the cookie. */
export async function logIn(practice: Practice, user: string, password: string): Promise<string> {
  const page = await ask(practice, 'GET', '/login', { user: '' });
  const crumb = /name="Jenkins-Crumb" type="hidden" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
  const answer = await ask(practice, 'POST', '/j_spring_security_check', {
    user: '',
    headers: { Cookie: cookieOf(page) },
    form: { j_username: user, j_password: password, from: '/', Submit: '', 'Jenkins-Crumb': crumb },
  });
  return cookieOf(answer);
}

/** The session cookie an answer sets; empty where it sets none. */
export function cookieOf(heard: Pick<Heard, 'headers'>): string {
  const set = heard.headers.getSetCookie().find((cookie) => cookie.startsWith('JSESSIONID='));
  return set?.split(';')[0] ?? '';
}
