import type { Profile } from '../../src/config/connection.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { CONTROLLERS, type ControllerName, type Each } from './controllers.ts';

export const CONNECTIONS = ['okta', 'entra'] as const;
export type ConnectionName = (typeof CONNECTIONS)[number];
/** Which attribute is the id, by the file. */
export type Identities = Each<'userName' | 'externalId'>;
export type Modes = Each<Mode>;
export type Mode = (typeof MODES)[number];
export const MODES = ['enforce', 'observe', 'add-only'] as const;
export const SERVICE = 'jenkins-scim';
/** What may be lost within an hour. */
export const CEILINGS = ['loose', 'tight', 'percent'] as const;
export type Ceilings = (typeof CEILINGS)[number];
/** Of what there was, by the last of them. */
export const PERCENT = 34;

/** What the file says, of what a walk edits. */
interface Configured {
  readonly modes: Modes;
  readonly identities: Identities;
  readonly ceilings: Ceilings;
  readonly profiles: Readonly<Record<ConnectionName, Profile>>;
  readonly out: ReadonlySet<ControllerName>;
  /** Whose people go before those of the other one. */
  readonly primary: ConnectionName;
}

/** Ceilings that nothing here reaches, ceilings that everything reaches, and a part of what there was. */
const GUARDS: Readonly<Record<Ceilings, string>> = {
  loose: `guard:
  losses:
    disableUsers: { count: 10000, percent: 100, atLeast: 10000 }
    renameUsers: { count: 10000, percent: 100, atLeast: 10000 }
    revokeGrants: { count: 10000, percent: 100, atLeast: 10000 }
    revokeAdministrators: { count: 10000 }
  gains: { administrators: { count: 10000 }, grantsPerPerson: 10000, createRoles: 10000 }
`,
  tight: `guard:
  losses:
    disableUsers: { count: 1, percent: 100, atLeast: 1 }
    renameUsers: { count: 1, percent: 100, atLeast: 1 }
    revokeGrants: { count: 2, percent: 100, atLeast: 2 }
    revokeAdministrators: { count: 1 }
  gains: { administrators: { count: 1 }, grantsPerPerson: 3, createRoles: 3 }
`,
  percent: `guard:
  losses:
    disableUsers: { count: 10000, percent: ${PERCENT}, atLeast: 1 }
    renameUsers: { count: 10000, percent: 100, atLeast: 10000 }
    revokeGrants: { count: 10000, percent: ${PERCENT}, atLeast: 1 }
    revokeAdministrators: { count: 10000 }
  gains: { administrators: { count: 10000 }, grantsPerPerson: 10000, createRoles: 10000 }
`,
};

/** What the file says of all controllers but those that are taken out. */
export function configOf(
  folder: string,
  policy: string,
  practices: Each<{ readonly url: string }>,
  { modes, identities, ceilings, profiles, out, primary }: Configured,
): Config {
  const controllers = CONTROLLERS.filter((name) => !out.has(name))
    .map(
      (name) => `  ${name}:
    url: ${practices[name].url}
    user: ${SERVICE}
    apiToken: { env: TOKEN }
    mode: ${modes[name]}
    identity: { user: ${identities[name]} }
    breakGlass: admin
    protect: { users: ["svc-*"] }
`,
    )
    .join('');
  const text = `policy: ${policy}
connections:
${CONNECTIONS.map((name) => `  ${name}: { profile: ${profiles[name]}, primary: ${name === primary} }`).join('\n')}
${GUARDS[ceilings]}controllers:
${controllers}`;
  const { config, problems } = parseConfig(text, { file: 'test.yaml', folder, environment: {} });
  if (config === undefined) throw problems[0];
  return config;
}
