import type { Answers } from './answers.ts';
import { commented } from './document.ts';

const HEADER = `Configuration of jenkins-scim; every key is in docs/configuration.md.
Secrets are references ({ env: NAME } or { file: PATH }), never values.`;

/** The commented jenkins-scim.yaml of the answers. */
export function configurationText(answers: Answers): string {
  const { controller } = answers;
  const value = {
    server: {
      listen: '127.0.0.1:8080',
      ...(answers.externalUrl === undefined ? {} : { externalUrl: answers.externalUrl }),
    },
    database: 'sqlite:./data/jenkins-scim.db',
    policy: './policy.yaml',
    keys: './keys',
    connections: Object.fromEntries(answers.connections.map(({ name, profile }) => [name, { profile }])),
    controllers: controller === undefined ? {} : { [controller.name]: entry(controller) },
  };
  const at = `controllers/${controller?.name}`;
  return commented(value, HEADER, {
    server: 'What identity providers reach. Off loopback it needs tls or behindProxy, and externalUrl.',
    keys: 'Token and ledger keys, made on the first start. Back this folder up apart from the database.',
    connections:
      'One per identity provider tenant; the first is primary. Then: jenkins-scim token create --connection NAME',
    controllers: 'Jenkins controllers.',
    [`${at}/user`]: 'The account of the service: Overall/Administer by a USER entry, an API token of its own.',
    [`${at}/mode`]: 'off | observe (reads and plans) | add-only | enforce. Start with observe and read the plan.',
    [`${at}/protect`]: 'Who neither gains nor loses anything, whatever the policy says. Globs.',
    [`${at}/breakGlass`]: 'A local administrator that must always be able to get in.',
  });
}

function entry(controller: NonNullable<Answers['controller']>): Record<string, unknown> {
  const { url, user, apiToken, mode, breakGlass, ca } = controller;
  const protectedUsers = breakGlass === undefined ? [user] : [user, breakGlass];
  return {
    url,
    user,
    apiToken,
    mode,
    protect: { users: protectedUsers },
    ...(breakGlass === undefined ? {} : { breakGlass }),
    ...(ca === undefined ? {} : { tls: { ca } }),
  };
}
