import { refuse, type ScimError } from '../errors.ts';
import { globMatches } from './glob.ts';
import type { Locate } from './locate.ts';
import { LOG_LEVELS } from './logLevel.ts';
import { isLoopback } from './loopback.ts';
import { didYouMean } from './nearest.ts';
import type { Config } from './schema.ts';
import { databaseScheme } from './scheme.ts';

/** What no schema can say about a configuration as a whole. `databaseVariable` is the one that holds the database, if one does. */
export function wholeProblems(config: Config, locate: Locate, databaseVariable: string | undefined): ScimError[] {
  const problems: ScimError[] = [];
  const { listen, tls, behindProxy } = config.server;
  if (!isLoopback(listen.host) && tls === undefined && behindProxy === undefined)
    problems.push(
      refuse('CFG_LISTEN', { path: locate(['server', 'listen']), listen: `${listen.host}:${listen.port}` }),
    );
  if (config.database === '')
    problems.push(invalid(locate, ['database'], `the variable ${databaseVariable} is not set, or empty`));
  else if (!/^(sqlite:|postgres(ql)?:\/\/)/.test(config.database)) problems.push(noDatabase(config.database, locate));
  problems.push(...sameIssuers(config, locate), ...sameControllers(config, locate), ...mistrusted(config, locate));
  for (const controller of config.controllers) {
    const { cert, key } = controller.tls ?? {};
    if ((cert === undefined) !== (key === undefined))
      problems.push(invalid(locate, ['controllers', controller.name, 'tls'], 'cert and key come together'));
  }
  return problems;
}

/** Tokens of an issuer belong to one connection: what is pinned tells which. */
function sameIssuers(config: Config, locate: Locate): ScimError[] {
  const seen = new Map<string, string>();
  return config.connections.flatMap(({ name, jwt }) => {
    if (jwt === undefined) return [];
    const pins = JSON.stringify([jwt.issuer, jwt.audience, jwt.tenant, jwt.caller.claim, jwt.caller.value]);
    const other = seen.get(pins);
    seen.set(pins, name);
    const reason = `the same tokens as those of the connection ${other}`;
    return other === undefined ? [] : [invalid(locate, ['connections', name, 'jwt'], reason)];
  });
}

/** Two names of one Jenkins would be two writers that keep each other from writing; one that is off writes nothing. */
function sameControllers({ controllers }: Config, locate: Locate): ScimError[] {
  const seen = new Map<string, string>();
  return controllers.flatMap(({ name, url, mode }) => {
    if (mode === 'off') return [];
    const address = new URL(url).href;
    const other = seen.get(address);
    seen.set(address, other ?? name);
    const reason = `the address of the controller ${other}, too: one Jenkins has one name here`;
    return other === undefined ? [] : [invalid(locate, ['controllers', name, 'url'], reason)];
  });
}

/** Refuses to run while certificate checks are turned off for the whole process. */
export function tlsProblem(environment: Readonly<Record<string, string | undefined>>): ScimError | undefined {
  return environment.NODE_TLS_REJECT_UNAUTHORIZED === '0' ? refuse('CFG_TLS_DISABLED') : undefined;
}

/** A level of the log that there is not would be passed over in silence. */
export function logProblem({ JENKINS_SCIM_LOG }: Readonly<Record<string, string | undefined>>): ScimError | undefined {
  if (JENKINS_SCIM_LOG === undefined || JENKINS_SCIM_LOG === '') return undefined;
  if (LOG_LEVELS.some((level) => level === JENKINS_SCIM_LOG)) return undefined;
  const reason = `expected one of ${LOG_LEVELS.join(', ')}${didYouMean(JENKINS_SCIM_LOG, LOG_LEVELS)}`;
  return refuse('CFG_INVALID', { path: 'environment variable JENKINS_SCIM_LOG', key: 'level', reason });
}

/** The Jenkins id of a person comes from an attribute that each connection which reaches the controller trusts. */
function mistrusted({ connections, controllers }: Config, locate: Locate): ScimError[] {
  return controllers.flatMap(({ name, identity }) => {
    const attribute = identity.user === 'email' ? 'emails' : identity.user;
    return connections
      .filter((connection) => connection.controllers?.some((glob) => globMatches(glob, name)) ?? true)
      .filter(({ trustedAttributes }) => !trustedAttributes.includes(attribute))
      .map((connection) =>
        invalid(
          locate,
          ['connections', connection.name, 'trustedAttributes'],
          `lacks ${attribute}, which is the Jenkins id on ${name} (controllers.${name}.identity.user)`,
        ),
      );
  });
}

/** Nothing of what stands there is quoted but a scheme: it may hold a password. */
function noDatabase(url: string, locate: Locate): ScimError {
  const no = (reason: string): ScimError => invalid(locate, ['database'], reason);
  if (/^["']/.test(url)) return no('the variable begins with a quotation mark; write the URL without');
  if (!/^[^\s:]+:/.test(url)) return no('it is no URL: write sqlite:./path or postgres://user@host/database');
  return refuse('CFG_LATER', {
    path: locate(['database']),
    key: 'database',
    value: databaseScheme(url),
    allowed: 'sqlite:./path, postgres://…',
  });
}

function invalid(locate: Locate, path: readonly string[], reason: string): ScimError {
  return refuse('CFG_INVALID', { path: locate(path), key: path.join('.'), reason });
}
