import type { Clock } from '../../src/access/ports/clock.ts';
import type { Log } from '../../src/access/ports/log.ts';
import { systemRandom, systemTimers } from '../../src/cli/edge.ts';
import type { Profile } from '../../src/config/connection.ts';
import { SCIM_SCOPES } from '../../src/credentials/credentials.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { createServer } from '../../src/server/app.ts';
import { createMeter } from '../../src/server/meter.ts';
import { scimRoutes } from '../../src/server/scim/routes.ts';
import type { Store } from '../../src/store/store.ts';
import { type Json, LIMITS } from '../server/scim/world.ts';
import { Life } from './mortal.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Request {
  readonly connection: string;
  readonly method: Method;
  readonly path: string;
  readonly body?: unknown;
  /** One that may do no more than this; absent: all. */
  readonly token?: 'users' | 'groups';
  /** The version that a change is about. */
  readonly ifMatch?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Json;
  /** It was pushed again before this was answered. */
  readonly again?: true;
}

interface Parts {
  readonly storeOf: (life: Life) => Store;
  readonly keys: Parameters<typeof createLedger>[0]['keys'];
  readonly clock: Clock;
  readonly log: Log;
  readonly profile: (connection: string) => Profile;
  wake(): void;
}

/** What hears the provider; it may die amid a request, or commit and fail to say so. */
export interface Front {
  readonly life: Life;
  /** The next commit is done, and nobody is told. */
  loseCommit(): void;
  /** @returns undefined where it died before it answered */
  ask(request: Request): Promise<Answer | undefined>;
  close(): Promise<void>;
}

export async function openFront({ keys, clock, log, profile, wake, storeOf }: Parts): Promise<Front> {
  const life = new Life();
  let losing = false;
  const alive = storeOf(life);
  const store: Store = {
    ...alive,
    async write(work, options) {
      const done = await alive.write(work, options);
      if (!losing) return done;
      losing = false;
      throw new Error('the answer to the commit was lost');
    },
  };
  const random = systemRandom;
  const recorder = createLedger({ store, keys, clock, random });
  const directory = createDirectory({ store, clock, random, recorder, wake: () => life.over || wake() });
  const meter = createMeter(clock);
  const app = createServer({
    server: { externalUrl: 'https://scim.example.test/' },
    limits: LIMITS,
    connections: { has: () => true } as never,
    credentials: {
      verify: async (authorization) => ({
        id: `cred-${String(authorization).split('/')[1] ?? 'all'}`,
        kind: 'scim' as const,
        connection: String(authorization).slice('Bearer '.length).split('/')[0]!,
        scopes: SCIM_SCOPES.filter((scope) => scope.startsWith(String(authorization).split('/')[1] ?? '')),
        createdAt: '2026-11-24T08:00:00.000Z',
        expiresAt: null,
        lastUsedAt: null,
        revokedAt: null,
      }),
    },
    ready: async () => true,
    meter,
    clock,
    timers: systemTimers,
    random,
    log,
    scim: (baseUrl) =>
      scimRoutes({
        ...{ directory, baseUrl, limits: LIMITS, profile, meter, log, clock, random },
        cursorKey: new Uint8Array(32).fill(7),
        timers: systemTimers,
      }),
  });
  await app.ready();
  return {
    life,
    loseCommit() {
      losing = true;
    },
    async ask({ connection, method, path, body, ifMatch, token }) {
      const answered = app.inject({
        method,
        url: `/scim/v2${path}`,
        headers: {
          authorization: `Bearer ${connection}${token === undefined ? '' : `/${token}`}`,
          ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
          ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
        },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      });
      const response = await Promise.race([answered, life.ended]);
      if (response === undefined) return undefined;
      return { status: response.statusCode, body: response.body === '' ? undefined : JSON.parse(response.body) };
    },
    // Requests of one that died never end, and nothing waits for them.
    close: async () => {
      if (!life.over) await app.close();
    },
  };
}
