import type { TokenRow } from '../answers.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { fine } from '../outcome.ts';
import { table } from '../printable.ts';
import { session } from '../session.ts';
import { registerCreate } from './token/create.ts';
import { registerRevoke } from './token/revoke.ts';
import { registerRotate } from './token/rotate.ts';

/** `token create|list|rotate|revoke`: credentials of identity providers; the secret is shown once. */
export const registerToken: Register = (program, host) => {
  const group = commandOf(program, 'token', 'credentials of identity providers', 'jenkins-scim token list');
  registerCreate(group, host);

  commandOf(group, 'list', 'all of them, without their secrets', 'jenkins-scim token list').action(
    action(host, (invocation) =>
      session(invocation, async (engine) => {
        const tokens = await engine.tokens.list();
        const header = ['ID', 'FOR', 'KIND', 'SCOPES', 'NETWORKS', 'EXPIRES', 'LAST USED', 'STATE'];
        const rows = tokens.map((token) => [
          token.id,
          token.connection ?? '-',
          token.method ?? token.kind,
          token.scopes.join(' ') || '-',
          token.networks?.join(' ') ?? 'all',
          token.expiresAt ?? 'never',
          token.lastUsedAt ?? 'never',
          stateOf(token, host.clock.now()),
        ]);
        return fine({ tokens }, tokens.length === 0 ? 'No tokens.\n' : table([header, ...rows]));
      }),
    ),
  );

  registerRotate(group, host);

  registerRevoke(group, host);
};

function stateOf({ revokedAt, keyGone, expiresAt, rotation }: TokenRow, now: number): string {
  if (revokedAt !== null) return `revoked ${revokedAt}`;
  if (keyGone === true) return 'refused: its key is not in keys.json any more';
  if (expiresAt !== null && Date.parse(expiresAt) <= now) return 'expired';
  if (rotation === undefined) return 'live';
  if (rotation.role === 'successor') return `replaces ${rotation.other}`;
  if (rotation.endsAt === null) return `replaced by ${rotation.other} once that is used`;
  return Date.parse(rotation.endsAt) <= now ? `ended ${rotation.endsAt}` : `ends ${rotation.endsAt}`;
}
