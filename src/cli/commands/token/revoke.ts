import { isDay } from '../../../scim/instantOf.ts';
import { usage } from '../../failure.ts';
import { action, commandOf, type Register } from '../../invocation.ts';
import { fine, outcome } from '../../outcome.ts';
import { appliedOutcome } from '../../print/applied.ts';
import { table } from '../../printable.ts';
import { session } from '../../session.ts';
import { durationOf } from './lifetime.ts';

interface RevokeOptions {
  readonly compromised?: boolean;
  readonly since?: string;
}

const LISTED = 50;

/** `token revoke`: ends a credential at once; `--compromised` holds what comes of it, and takes back what came. */
export const registerRevoke: Register = (group, host) => {
  commandOf(group, 'revoke', 'end one at once', 'jenkins-scim token revoke 6f1c2d3e-…')
    .argument('<id>', 'as `token list` shows it; with --compromised also jwt:CONNECTION')
    .option(
      '--compromised',
      'somebody else had it: hold what people gain by what it did, take back what they gained, and list that',
    )
    .option('--since <when>', 'with --compromised: an instant, or how long ago, e.g. 24h')
    .action(
      action<RevokeOptions, [string]>(host, (invocation, id) =>
        session(invocation, async (engine, _config, say) => {
          const { compromised, since } = invocation.options;
          if ((compromised === true) !== (since !== undefined)) throw usage('--compromised and --since come together');
          if (since === undefined) {
            await engine.tokens.revoke(id);
            return fine({ id, revoked: true }, `${id} is revoked.\n`);
          }
          const found = await engine.tokens.compromised({ id, since: instantOf(since, host.clock.now()) }, say);
          const kinds = Object.entries(found.counts).map(([kind, count]) => [kind, String(count)]);
          const deeds = found.caused
            .slice(0, LISTED)
            .map(({ at, kind, subject, name }) => [at, kind, subject ?? '', name ?? '']);
          const over = id.startsWith('jwt:') ? `${id}: what was issued until now is refused.` : `${id} is revoked.`;
          const gains = `What people gain by what it did since ${found.since} waits for a release, what they gained is taken back.`;
          const applied = appliedOutcome(found.controllers);
          const text = `${over} ${gains}\n${applied.text}`;
          const json = { revoked: true, ...found };
          if (kinds.length === 0)
            return outcome(applied.exit === 1 ? 1 : 0, json, `${text}The ledger has nothing of it.\n`);
          const next = 'Correct it at the identity provider, then: jenkins-scim plan; jenkins-scim quarantine list\n';
          return outcome(applied.exit === 1 ? 1 : 2, json, `${text}\n${table(kinds)}\n${table(deeds)}\n${next}`);
        }),
      ),
    );
};

/** @throws ScimError CLI_USAGE also for an instant to come: nothing would be held. */
function instantOf(text: string, now: number): string {
  if (/^\d+[mhd]$/.test(text)) {
    const ago = new Date(now - durationOf('--since', text));
    if (Number.isNaN(ago.getTime())) throw usage('--since is too long ago');
    return ago.toISOString();
  }
  const day = /^(\d{4}-\d\d-\d\d)(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.exec(text)?.[1];
  const at = day !== undefined && isDay(day) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw usage('--since takes an instant like 2026-11-24T08:00:00Z, a day, or how long ago: 24h');
  if (at > now) throw usage(`--since ${text} is still to come: nothing would be held`);
  return new Date(at).toISOString();
}
