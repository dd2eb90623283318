import type { Command } from 'commander';
import type { Config, ControllerConfig } from '../../config/schema.ts';
import type { OwnToken, OwnTokenMade, OwnTokensRevoked } from '../answers.ts';
import { usage } from '../failure.ts';
import { action, commandOf, type Host } from '../invocation.ts';
import { fine, type Outcome, outcome } from '../outcome.ts';
import { table } from '../printable.ts';
import { secretFile } from '../secretFile.ts';
import { knownController, session } from '../session.ts';
import { writeWhole } from '../wholeFile.ts';

interface RotateOptions {
  readonly out?: string;
  readonly complete?: boolean;
  readonly force?: boolean;
}

/** `controller rotate-token`: a new API token of the service's own account; then, by `--complete`, the end of all others. */
export function registerRotateToken(group: Command, host: Host): void {
  commandOf(
    group,
    'rotate-token',
    "make a new API token of the service's account there; --complete ends the others",
    'jenkins-scim controller rotate-token ci-main',
  )
    .argument('<name>')
    .option('--out <file>', 'write the token there (mode 0600) instead of where apiToken points')
    .option('--complete', 'revoke all API tokens of the account but the one in use')
    .option('--force', 'with --complete: also what is newer, or was used a moment ago')
    .action(
      action<RotateOptions, [string]>(host, (invocation, name) =>
        session(invocation, async (engine, config) => {
          const { out, complete, force } = invocation.options;
          knownController(config, name);
          if (complete !== true) {
            if (force === true) throw usage('--force belongs to --complete');
            const place = placeOf(config, name, out);
            return started(name, place, await keeping(place, (keep) => engine.ownTokens.create(name, keep)));
          }
          if (out !== undefined) throw usage('--out has no meaning with --complete');
          return completed(name, await engine.ownTokens.revokeOthers(name, { force: force === true }));
        }),
      ),
    );
}

/** Where a token goes: into a new file, in the place of what `apiToken` points to, or nowhere but to whoever asked. */
type Place =
  | { readonly kind: 'new' | 'reference'; readonly file: string }
  | { readonly kind: 'shown'; readonly variable: string };

function placeOf({ controllers }: Config, name: string, out: string | undefined): Place {
  const { apiToken, url, user } = controllers.find((one) => one.name === name)!;
  if (out !== undefined) return { kind: 'new', file: out };
  if ('env' in apiToken) return { kind: 'shown', variable: apiToken.env };
  const { file } = apiToken;
  const same = (other: ControllerConfig): boolean => 'file' in other.apiToken && other.apiToken.file === file;
  const shared = controllers.filter((other) => same(other) && (other.url !== url || other.user !== user));
  if (shared.length > 0)
    throw usage(
      `${shared.map((other) => other.name).join(', ')} read(s) ${file}, too, and the new token opens ${name} alone: give --out FILE`,
    );
  return { kind: 'reference', file };
}

function keeping<T>(place: Place, make: (keep: (token: string) => void) => Promise<T>): Promise<T> {
  if (place.kind === 'new') return secretFile(place.file, make);
  return make(place.kind === 'shown' ? () => {} : (token) => writeWhole(place.file, `${token}\n`, 0o600));
}

function started(controller: string, place: Place, { token, uuid, name, others }: OwnTokenMade): Outcome {
  const where = place.kind === 'shown' ? { token } : { token: null, file: place.file };
  const next = `jenkins-scim controller rotate-token ${controller} --complete`;
  const beside = others.length === 0 ? 'It is the only one.\n' : `Valid beside it:\n${listed(others)}`;
  return fine(
    { controller, uuid, name, ...where, others },
    `${whereTo(place, token)} ${next}\n\nNew: ${uuid} (${name}).\n${beside}`,
  );
}

function whereTo(place: Place, token: string): string {
  switch (place.kind) {
    case 'reference':
      return `Written to ${place.file}, which is read at each use.\nThen:`;
    case 'new':
      return `Written to ${place.file}. When it is where apiToken points:`;
    case 'shown':
      return `${token}\n\nNot shown again. Put it into ${place.variable} and start again what reads that; then:`;
  }
}

function completed(controller: string, { inUse, revoked, left }: OwnTokensRevoked): Outcome {
  const json = { controller, inUse, revoked, left };
  const gone = revoked.length === 0 ? 'There was no other.\n' : `Revoked:\n${listed(revoked)}`;
  const stay =
    left.length === 0 ? '' : `Still there; revoke them on the page of the account in Jenkins:\n${listed(left)}`;
  return outcome(left.length === 0 ? 0 : 1, json, `In use: ${inUse}.\n${gone}${stay}`);
}

function listed(tokens: readonly OwnToken[]): string {
  const rows = tokens.map(({ uuid, name, createdAt, lastUsedAt }) => [
    uuid === '' ? '(a legacy secret)' : uuid,
    name,
    createdAt ?? 'unknown',
    lastUsedAt ?? 'never',
  ]);
  return table([['UUID', 'NAME', 'MADE', 'LAST USED'], ...rows]);
}
