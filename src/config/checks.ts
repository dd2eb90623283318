import { refuse, type ScimError } from '../errors.ts';
import { isLoopback } from './loopback.ts';
import type { Config } from './schema.ts';
import { databaseScheme } from './scheme.ts';

/** What no schema can say about a configuration as a whole. */
export function wholeProblems(config: Config, path: string): ScimError[] {
  const problems: ScimError[] = [];
  const { listen, tls, behindProxy } = config.server;
  if (!isLoopback(listen.host) && tls === undefined && behindProxy === undefined)
    problems.push(refuse('CFG_LISTEN', { listen: `${listen.host}:${listen.port}` }));
  if (config.database === '')
    problems.push(
      refuse('CFG_INVALID', { path, key: 'database', reason: 'the variable it names is not set, or empty' }),
    );
  else if (!/^(sqlite:|postgres(ql)?:\/\/)/.test(config.database)) problems.push(noDatabase(config.database, path));
  problems.push(...sameIssuers(config, path));
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

/** Tokens of an issuer belong to one connection: what is pinned tells which. */
function sameIssuers(config: Config, path: string): ScimError[] {
  const seen = new Map<string, string>();
  return config.connections.flatMap(({ name, jwt }) => {
    if (jwt === undefined) return [];
    const pins = JSON.stringify([jwt.issuer, jwt.audience, jwt.tenant, jwt.caller.claim, jwt.caller.value]);
    const other = seen.get(pins);
    seen.set(pins, name);
    const reason = `the same tokens as those of the connection ${other}`;
    return other === undefined ? [] : [refuse('CFG_INVALID', { path, key: `connections.${name}.jwt`, reason })];
  });
}

/** Refuses to run while certificate checks are turned off for the whole process. */
export function tlsProblem(environment: Readonly<Record<string, string | undefined>>): ScimError | undefined {
  return environment.NODE_TLS_REJECT_UNAUTHORIZED === '0' ? refuse('CFG_TLS_DISABLED') : undefined;
}

/** Nothing of what stands there is quoted but a scheme: it may hold a password. */
function noDatabase(url: string, path: string): ScimError {
  const invalid = (reason: string): ScimError => refuse('CFG_INVALID', { path, key: 'database', reason });
  if (/^["']/.test(url)) return invalid('the variable begins with a quotation mark; write the URL without');
  if (!/^[^\s:]+:/.test(url)) return invalid('it is no URL: write sqlite:./path or postgres://user@host/database');
  return refuse('CFG_LATER', {
    path,
    key: 'database',
    value: databaseScheme(url),
    allowed: 'sqlite:./path, postgres://…',
  });
}
