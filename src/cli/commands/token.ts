import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { milliseconds } from '../../config/scalars.ts';
import { usage } from '../failure.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { fine } from '../outcome.ts';
import { table } from '../printable.ts';
import { session } from '../session.ts';
import { laterCommand } from './later.ts';

interface CreateOptions {
  readonly connection?: string;
  readonly scope?: readonly string[];
  readonly expires: string;
  readonly out?: string;
  readonly metrics?: boolean;
  readonly operator?: string;
}

/** `token create|list|revoke`: bearer tokens; the secret is shown once. */
export const registerToken: Register = (program, host) => {
  const group = commandOf(program, 'token', 'bearer tokens of identity providers', 'jenkins-scim token list');

  commandOf(
    group,
    'create',
    'make one; the secret is shown once',
    'jenkins-scim token create --connection okta --expires 365d --out okta-token',
  )
    .option('--connection <name>', 'the connection it belongs to')
    .option('--scope <scope...>', 'what it may do; default: users and groups, read and write')
    .option('--expires <duration>', 'how long it is valid', '90d')
    .option('--out <file>', 'write the secret there (mode 0600) instead of showing it')
    .option('--metrics', 'a token for /metrics instead')
    .option('--operator <role>', 'a token for an operator (not in this version)')
    .action(
      action<CreateOptions>(host, (invocation) =>
        session(invocation, async (engine, config) => {
          const { connection, scope, expires, out, metrics, operator } = invocation.options;
          if (operator !== undefined)
            throw usage('operators are not in this version: /api/v1 answers 401 to everybody');
          if (metrics === true ? connection !== undefined : connection === undefined)
            throw usage('give --connection NAME or --metrics');
          if (connection !== undefined && !config.connections.some(({ name }) => name === connection))
            throw usage(
              `there is no connection called ${connection}; known: ${config.connections.map(({ name }) => name).join(', ') || 'none'}`,
            );
          if (!/^\d{1,9}(m|h|d)$/.test(expires)) throw usage('--expires takes a number with m, h or d, e.g. 90d');
          const expiresAt = new Date(host.clock.now() + milliseconds(expires)).toISOString();
          const order = { kind: metrics === true ? ('metrics' as const) : ('scim' as const), expiresAt };
          const made = await kept(out, () =>
            engine.tokens.create({
              ...order,
              ...(connection === undefined ? {} : { connection }),
              ...(scope === undefined ? {} : { scopes: scope }),
            }),
          );
          const secret = out === undefined ? made.token : `(written to ${out})`;
          const json = {
            id: made.id,
            token: out === undefined ? made.token : null,
            connection: made.connection,
            scopes: made.scopes,
            expiresAt,
          };
          return fine(json, `${secret}\n\nId ${made.id}, valid until ${expiresAt}. The secret is not shown again.\n`);
        }),
      ),
    );

  commandOf(group, 'list', 'all tokens, without their secrets', 'jenkins-scim token list').action(
    action(host, (invocation) =>
      session(invocation, async (engine) => {
        const tokens = await engine.tokens.list();
        const rows = tokens.map((token) => [
          token.id,
          token.connection ?? token.kind,
          token.expiresAt ?? 'never',
          token.lastUsedAt ?? 'never',
          token.revokedAt ?? '',
        ]);
        return fine(
          { tokens },
          tokens.length === 0 ? 'No tokens.\n' : table([['ID', 'FOR', 'EXPIRES', 'LAST USED', 'REVOKED'], ...rows]),
        );
      }),
    ),
  );

  commandOf(group, 'revoke', 'end one at once', 'jenkins-scim token revoke 6f1c2d3e-…')
    .argument('<id>')
    .action(
      action<object, [string]>(host, (invocation, id) =>
        session(invocation, async (engine) => {
          await engine.tokens.revoke(id);
          return fine({ id, revoked: true }, `${id} is revoked.\n`);
        }),
      ),
    );

  laterCommand(group, 'rotate', host, {
    example: 'jenkins-scim token create --connection okta',
    text: 'create a second token, store it, then revoke the first',
  });
};

/** Opens the file before the token is made: a token that nobody could read would still be valid. */
async function kept<T extends { readonly token: string }>(out: string | undefined, make: () => Promise<T>): Promise<T> {
  if (out === undefined) return make();
  const file = openSync(out, 'wx', 0o600);
  try {
    const made = await make();
    writeSync(file, `${made.token}\n`);
    return made;
  } catch (error) {
    rmSync(out, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}
