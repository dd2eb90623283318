import type { TestContext } from 'node:test';
import type { Http, HttpAnswer } from '../../src/access/ports/http.ts';
import { type Log, SILENT } from '../../src/access/ports/log.ts';
import type { JwtConfig } from '../../src/config/jwt.ts';
import { createCredentials } from '../../src/credentials/createCredentials.ts';
import { createExternalTokens } from '../../src/credentials/external/externalTokens.ts';
import { createClients } from '../../src/credentials/oauth/clients.ts';
import { createRotations } from '../../src/credentials/rotations.ts';
import { ScimError } from '../../src/errors.ts';
import { ClockAnchor } from '../../src/sync/clock/clockAnchor.ts';
import { timeOf } from '../../src/sync/clock/trustedTime.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';
import { openTestStore } from '../store/open.ts';

export interface Told {
  readonly level: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

/** Whether an error is that one of the catalogue. */
export const code =
  (...expected: string[]) =>
  (error: unknown): boolean =>
    error instanceof ScimError && expected.includes(error.code);

export const bearer = (token: string): string => `Bearer ${token}`;

/** Answers of one address, in the place of the network; `asked` counts. */
export class FakeKeys implements Pick<Http, 'send'> {
  asked = 0;
  answer: () => HttpAnswer | Promise<HttpAnswer>;

  constructor(keys: readonly object[]) {
    this.answer = () => ({ status: 200, headers: {}, body: JSON.stringify({ keys }) });
  }

  set(keys: readonly object[]): void {
    this.answer = () => ({ status: 200, headers: {}, body: JSON.stringify({ keys }) });
  }

  breaks(): void {
    this.answer = () => Promise.reject(new Error('unreachable'));
  }

  async send(): Promise<HttpAnswer> {
    this.asked += 1;
    return this.answer();
  }
}

export interface WorldOptions {
  readonly connections?: readonly { readonly name: string; readonly jwt?: JwtConfig }[];
  readonly http?: Pick<Http, 'send'>;
}

/** Everything about credentials over a real database; time stands still. `leap` sets the wall clock alone. */
export async function credentialWorld(
  t: TestContext,
  { connections = [], http = new FakeKeys([]) }: WorldOptions = {},
) {
  const store = await openTestStore(t);
  const time = new SimulatedTime();
  const told: Told[] = [];
  const at =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}): void =>
      void told.push({ level, message, fields });
  const log: Log = { ...SILENT, info: at('info'), warn: at('warn'), error: at('error'), with: () => log };
  const recorded: { kind: string; actor?: string; subject?: { id: string }; body: Record<string, unknown> }[] = [];
  const keys = { current: 1, byVersion: new Map([[1, new Uint8Array(32).fill(1)]]) };
  const recorder = { record: async (_tx: unknown, event: unknown) => void recorded.push(event as never) };
  let leapt = 0;
  const clock = { now: () => time.now() + leapt, monotonic: () => time.monotonic() };
  const anchor = new ClockAnchor(clock, log);
  const mayEnd = async (): Promise<boolean> => (await timeOf({ store, clock, anchor })).trusted;
  const deps = { store, keys, clock, random: seededRandom(), recorder, log, mayEnd };
  const external = createExternalTokens({ connections, http, store, clock, log });
  return {
    ...deps,
    issuers: connections.flatMap(({ name, jwt }) => (jwt === undefined ? [] : [name])),
    time,
    leap(milliseconds: number): void {
      leapt += milliseconds;
    },
    /** A pass found the time right. */
    async seen(): Promise<void> {
      const highest_ms = time.now();
      await store.write(({ db }) => db.updateTable('clock').set({ highest_ms }).execute());
    },
    told,
    recorded,
    credentials: createCredentials({ ...deps, external }),
    rotations: createRotations(deps),
    clients: createClients(deps),
    /** An instant so many milliseconds from now. */
    later: (milliseconds: number) => new Date(time.now() + milliseconds).toISOString(),
  };
}
