import { z } from 'zod';
import { type ConnectionConfig, connection } from './connection.ts';
import { type ControllerConfig, controller } from './controller.ts';
import { disk } from './disk.ts';
import { extensions } from './extension.ts';
import { guard } from './guard.ts';
import { leaver } from './leaver.ts';
import type { Locate } from './locate.ts';
import { entityName } from './scalars.ts';
import { databaseUrl } from './scheme.ts';
import type { SecretRef } from './secret.ts';
import { limits, server, sync } from './server.ts';

export type { ConnectionConfig, Profile } from './connection.ts';
export type { ConnectionLimits } from './connectionLimits.ts';
export type { ControllerConfig, IdentityConfig, Mode } from './controller.ts';
export type { DiskConfig } from './disk.ts';
export type { ExtensionConfig, ExtensionsConfig } from './extension.ts';
export type { CeilingConfig, GuardConfig } from './guard.ts';
export type { JwtConfig } from './jwt.ts';
export type { LeaverConfig } from './leaver.ts';
export type { SecretRef } from './secret.ts';
export type { LimitsConfig, ServerConfig, SyncConfig } from './server.ts';

const HOW = 'write sqlite:./path/to/file.db, or { env: NAME } of a variable that holds a postgres:// URL';
const database = z
  .union([z.string().regex(/^sqlite:.+/, HOW), z.strictObject({ env: z.string().regex(/^[A-Za-z_]\w*$/) })], HOW)
  .describe('sqlite:./path, or { env: NAME } of a variable that holds it or the postgres:// URL of a server.');

/** The document as it is written; unknown keys are refused at every level. */
export const document = z
  .strictObject({
    $schema: z.string().exactOptional(),
    server: server.prefault({}),
    database: database.default('sqlite:./data/jenkins-scim.db'),
    policy: z.string().min(1).default('./policy.yaml').describe('The policy file or a folder of them.'),
    keys: z.string().min(1).default('./keys').describe('Folder of token and ledger keys, made on first start.'),
    connections: z.record(entityName, connection).default({}),
    extensions: extensions.default({}),
    controllers: z.record(entityName, controller).default({}),
    guard: guard.prefault({}),
    leaver: leaver.prefault({}),
    sync: sync.prefault({}),
    limits: limits.prefault({}),
    disk: disk.prefault({}),
    notify: z.array(z.never()).default([]).describe('Webhooks; none in this version.'),
  })
  .refine((value) => Object.values(value.connections).filter((item) => item.primary === true).length < 2, {
    path: ['connections'],
    error: 'only one connection can be primary',
  })
  .describe('Configuration of jenkins-scim.');

type Document = z.output<typeof document>;

/**
 * The configuration as the service uses it: defaults filled in, durations in milliseconds, sizes in bytes,
 * `connections` and `controllers` as lists that know their names, one connection primary, paths absolute.
 */
export type Config = Omit<Document, '$schema' | 'connections' | 'controllers' | 'database' | 'notify'> & {
  /** `sqlite:` and an absolute path, `sqlite::memory:`, or `postgres://…` with what may be a password. */
  readonly database: string;
  readonly connections: readonly ConnectionConfig[];
  readonly controllers: readonly ControllerConfig[];
};

/** Turns a valid document into what the service uses; `absolute` resolves paths, `variable` reads the environment, `locate` tells where a key stands. */
export function settle(
  value: Document,
  absolute: (path: string) => string,
  variable: (name: string) => string | undefined,
  locate: Locate,
): Config {
  const { $schema: _, notify: __, server, ...rest } = value;
  const named = Object.entries(value.connections);
  const primary = named.find(([, item]) => item.primary === true)?.[0] ?? named[0]?.[0];
  const url = typeof value.database === 'string' ? value.database : databaseUrl(variable(value.database.env) ?? '');
  const file = url.replace(/^sqlite:/, '');
  return {
    ...rest,
    server:
      server.tls === undefined
        ? server
        : { ...server, tls: { cert: absolute(server.tls.cert), key: absolute(server.tls.key) } },
    database: !url.startsWith('sqlite:') || file === ':memory:' ? url : `sqlite:${absolute(file)}`,
    policy: absolute(value.policy),
    keys: absolute(value.keys),
    connections: named.map(([name, item]) => ({ ...item, name, primary: name === primary })),
    controllers: Object.entries(value.controllers).map(([name, item]) => ({
      ...{ ...item, ...files(item, absolute), name },
      apiToken: placed(item.apiToken, absolute, (kind) => locate(['controllers', name, 'apiToken', kind])),
    })),
  };
}

function files(item: Omit<ControllerConfig, 'name'>, absolute: (path: string) => string) {
  const tls = Object.entries(item.tls ?? {}).map(([key, path]) => [key, absolute(path)]);
  return {
    ...(tls.length === 0 ? {} : { tls: Object.fromEntries(tls) as NonNullable<ControllerConfig['tls']> }),
  };
}

function placed(ref: SecretRef, absolute: (path: string) => string, at: (kind: 'env' | 'file') => string): SecretRef {
  return 'file' in ref ? { file: absolute(ref.file), from: at('file') } : { ...ref, from: at('env') };
}
