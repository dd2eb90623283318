import { isIP } from 'node:net';
import { refuse, type ScimError } from '../errors.ts';
import type { Config } from './schema.ts';

/** What no schema can say about a configuration as a whole. */
export function wholeProblems(config: Config, path: string): ScimError[] {
  const problems: ScimError[] = [];
  const { listen, tls, behindProxy } = config.server;
  if (!isLoopback(listen.host) && tls === undefined && behindProxy === undefined)
    problems.push(refuse('CFG_LISTEN', { listen: `${listen.host}:${listen.port}` }));
  if (config.database === '')
    problems.push(refuse('CFG_INVALID', { path, key: 'database', reason: 'the variable it names is not set' }));
  else if (!/^(sqlite:|postgres(ql)?:\/\/)/.test(config.database)) problems.push(laterDatabase(config.database, path));
  for (const controller of config.controllers) {
    const { cert, key } = controller.tls ?? {};
    if ((cert === undefined) !== (key === undefined))
      problems.push(
        refuse('CFG_INVALID', {
          path,
          key: `controllers.${controller.name}.tls`,
          reason: 'cert and key come together',
        }),
      );
  }
  return problems;
}

/** Refuses to run while certificate checks are turned off for the whole process. */
export function tlsProblem(environment: Readonly<Record<string, string | undefined>>): ScimError | undefined {
  return environment.NODE_TLS_REJECT_UNAUTHORIZED === '0' ? refuse('CFG_TLS_DISABLED') : undefined;
}

/** Whether an address never leaves the machine. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function laterDatabase(url: string, path: string): ScimError {
  return refuse('CFG_LATER', {
    path,
    key: 'database',
    value: url.replace(/:.*$/s, ''),
    allowed: 'sqlite:./path, postgres://…',
  });
}
