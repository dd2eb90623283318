import { globSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { FileProbe } from './probes.ts';

/** Modes of every file that matters: configuration, policy, keys, database, secrets. Nothing on Windows. */
export function probeFiles(config: Config, path: string): FileProbe[] {
  if (process.platform === 'win32') return [];
  const [, database] = /^sqlite:(.*)$/s.exec(config.database) ?? [];
  const found = [
    probe(resolve(path), 'configuration'),
    probe(config.policy, 'policy'),
    ...globSync('*', { cwd: config.keys }).map((name) => probe(join(config.keys, name), 'key')),
    ...(database === undefined || database === ':memory:' ? [] : [probe(database, 'database')]),
    ...config.controllers.flatMap(({ apiToken }) => ('file' in apiToken ? [probe(apiToken.file, 'secret')] : [])),
  ];
  return found.filter((one) => one !== undefined);
}

/** Undefined where we may not look: whoever needs the file, the store, the policy or a controller, tells why. */
function probe(path: string, purpose: FileProbe['purpose']): FileProbe | undefined {
  const stats = statsOf(path);
  if (stats === 'hidden') return undefined;
  if (stats === undefined) return { path, purpose };
  return { path, purpose, mode: stats.mode & 0o777, privateGroup: stats.uid === stats.gid };
}

function statsOf(path: string): Stats | 'hidden' | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return 'hidden';
  }
}
