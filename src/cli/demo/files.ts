import { stringify } from 'yaml';

/** The policy of the demo; the line numbers are what the reasons show. */
export const DEMO_POLICY = `version: 1
roles:
  administrator:
    scope: global
    permissions: [Overall/Administer]
    administer: true
  browser:
    scope: global
    preset: browse
  developer:
    scope: { folder: "{team}", parents: read }
    name: "{team}-developer"
    permissions: [Job/Read, Job/Build, Job/Cancel]
captures:
  team: { matches: "[a-z][a-z0-9-]*", max: 20 }
rules:
  - id: everyone
    group: ci-users
    grant: browser
  - id: team-developers
    group: "ci-{team}-dev"
    grant: developer
  - id: team-developers-entra
    from: entra
    group: "ci-{team}-dev"
    grant: developer
`;

/** The item roles that the story makes and looks at. */
export const DEMO_ROLES: readonly string[] = ['pay', 'web', 'ops', 'data'].map((team) => `${team}-developer`);

interface DemoController {
  readonly name: string;
  readonly url: string;
  readonly user: string;
  readonly tokenFile: string;
  readonly mode: 'observe' | 'enforce';
  readonly protect: readonly string[];
}

/** The configuration of the demo: ephemeral port, own folder, short rounds. */
export function demoConfiguration(controller: DemoController): string {
  return stringify({
    server: { listen: '127.0.0.1:0' },
    database: 'sqlite:./jenkins-scim.db',
    policy: './policy.yaml',
    keys: './keys',
    connections: { okta: { profile: 'okta' }, entra: { profile: 'entra' } },
    controllers: {
      [controller.name]: {
        url: controller.url,
        user: controller.user,
        apiToken: { file: controller.tokenFile },
        mode: controller.mode,
        protect: { users: controller.protect },
      },
    },
    sync: { fingerprintEvery: '1s' },
  });
}
