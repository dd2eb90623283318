import { request } from 'undici';
import type { Clock } from '../../access/ports/clock.ts';

/** An answer of the SCIM endpoint with the time it took. */
export interface ScimAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly milliseconds: number;
}

/** An identity provider as it speaks: real HTTP, its content type, its user agent. */
export interface Provider {
  readonly name: string;
  send(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<ScimAnswer>;
}

const AGENTS: Readonly<Record<string, string>> = { okta: 'Okta SCIM Client 1.0.0', entra: 'AzureAD-SCIM' };

/** A provider that pushes to `base` (which ends in /scim/v2). */
export function provider(name: string, base: string, token: string, clock: Clock): Provider {
  return {
    name,
    async send(method, path, body) {
      const started = clock.monotonic();
      const answer = await request(`${base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'user-agent': AGENTS[name] ?? 'jenkins-scim demo',
          accept: 'application/scim+json',
          ...(body === undefined ? {} : { 'content-type': 'application/scim+json; charset=utf-8' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      const milliseconds = clock.monotonic() - started;
      return { status: answer.statusCode, body: text === '' ? {} : JSON.parse(text), milliseconds };
    },
  };
}
