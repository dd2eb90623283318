import type { Config } from '../../../config/schema.ts';
import { unknownConnection } from '../../../config/unknown.ts';
import type { Made } from '../../../credentials/credentials.ts';
import { usage } from '../../failure.ts';
import { action, commandOf, type Register } from '../../invocation.ts';
import { fine, type Outcome } from '../../outcome.ts';
import { given, session } from '../../session.ts';
import { expiryAfter } from './lifetime.ts';
import { type HandedOver, handOver, publicKeysFrom } from './secret.ts';

interface CreateOptions {
  readonly connection?: string;
  readonly scope?: readonly string[];
  readonly network?: readonly string[];
  readonly expires: string;
  readonly out?: string;
  readonly metrics?: boolean;
  readonly oauth?: boolean;
  readonly publicKey?: string;
  readonly operator?: string;
}

/** `token create`: a bearer token, an OAuth 2.0 client, or a token for metrics. */
export const registerCreate: Register = (group, host) => {
  commandOf(
    group,
    'create',
    'make one; the secret is shown once',
    'jenkins-scim token create --connection okta --expires 365d --out okta-token',
  )
    .option('--connection <name>', 'the connection it belongs to')
    .option(
      '--scope <scope...>',
      'what it may do: users:read users:write groups:read groups:write; users, groups, read and write stand for two each; default: all',
    )
    .option('--network <cidr...>', 'addresses it may be used from, e.g. 198.51.100.0/24; default: all')
    .option('--expires <duration>', 'how long it is valid', '90d')
    .option('--out <file>', 'write the secret there (mode 0600) instead of showing it')
    .option('--oauth', 'an OAuth 2.0 client that gets short-lived tokens at /oauth/token instead of a bearer token')
    .option('--public-key <file>', 'with --oauth: PEM, JWK or JWK set; the client signs instead of showing a secret')
    .option('--metrics', 'a token for /metrics instead')
    .option('--operator <role>', 'a token for an operator (not in this version)')
    .action(
      action<CreateOptions>(host, (invocation) =>
        session(invocation, async (engine, config) => {
          const { connection, expires, out, metrics, oauth, publicKey } = invocation.options;
          check(invocation.options, config);
          const { scope: scopes, network: networks } = invocation.options;
          const expiresAt = expiryAfter(host.clock.now(), expires);
          const wish = { expiresAt, ...given({ scopes, networks }) };
          if (oauth === true && connection !== undefined) {
            const publicKeys = publicKey === undefined ? undefined : publicKeysFrom(publicKey);
            const order = { connection, ...wish, ...given({ publicKeys }) };
            const handed = await handOver(out, () => engine.tokens.createClient(order));
            return shown(handed, expiresAt, endpointOf(config));
          }
          const kind = metrics === true ? ('metrics' as const) : ('scim' as const);
          const order = { kind, ...wish, ...given({ connection }) };
          return shown(await handOver<Made>(out, () => engine.tokens.create(order)), expiresAt);
        }),
      ),
    );
};

function check({ connection, metrics, oauth, publicKey, operator }: CreateOptions, { connections }: Config): void {
  if (operator !== undefined) throw usage('operators are not in this version: /api/v1 answers 401 to everybody');
  if (metrics === true ? connection !== undefined || oauth === true : connection === undefined)
    throw usage(
      `give either --connection NAME or --metrics; connections: ${connections.map(({ name }) => name).join(', ') || 'none'}`,
    );
  if (publicKey !== undefined && oauth !== true) throw usage('--public-key belongs to --oauth');
  const known = connections.map(({ name }) => name);
  if (connection !== undefined && !known.includes(connection)) throw unknownConnection(connection, known);
}

function shown({ made, ...secret }: HandedOver<Made>, expiresAt: string, tokenEndpoint?: string): Outcome {
  const { id, connection, scopes, networks, method } = made;
  const client = tokenEndpoint === undefined ? {} : { clientId: id, tokenEndpoint, method };
  const json = { id, token: secret.json, connection, scopes, ...given({ networks }), expiresAt, ...client };
  const ways = method === 'client_secret_basic' ? `${method} or client_secret_post` : method;
  const where =
    tokenEndpoint === undefined ? '' : `Client id:      ${id}\nToken endpoint: ${tokenEndpoint} (${ways})\n`;
  return fine(json, `${secret.text}\n\n${where}Id ${id}, valid until ${expiresAt}.${secret.once}\n`);
}

/** Where clients get their tokens, as identity providers reach it. */
function endpointOf({ server }: Config): string {
  const scheme = server.tls === undefined ? 'http' : 'https';
  const host = server.listen.host.includes(':') ? `[${server.listen.host}]` : server.listen.host;
  return `${server.externalUrl?.replace(/\/$/, '') ?? `${scheme}://${host}:${server.listen.port}`}/oauth/token`;
}
