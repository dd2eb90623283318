import { action, commandOf, type Register } from '../../invocation.ts';
import { fine } from '../../outcome.ts';
import { given, session } from '../../session.ts';
import { durationOf, expiryAfter } from './lifetime.ts';
import { handOver, publicKeysFrom } from './secret.ts';

interface StartOptions {
  readonly grace: string;
  readonly expires: string;
  readonly out?: string;
  readonly publicKey?: string;
}

/** `token rotate start|complete|cancel`: a new credential beside the old one, then the old one ends. */
export const registerRotate: Register = (group, host) => {
  const rotate = commandOf(
    group,
    'rotate',
    'replace one without a gap, in three steps',
    'jenkins-scim token rotate start 6f1c2d3e-…',
  );

  commandOf(
    rotate,
    'start',
    'make its successor; both are valid',
    'jenkins-scim token rotate start 6f1c2d3e-… --out new',
  )
    .argument('<id>', 'the one to replace')
    .option('--grace <duration>', 'how long the old one lives on after the first use of the new one', '24h')
    .option('--expires <duration>', 'how long the new one is valid', '90d')
    .option('--out <file>', 'write the secret there (mode 0600) instead of showing it')
    .option('--public-key <file>', 'the new public key of an OAuth client that signs')
    .action(
      action<StartOptions, [string]>(host, (invocation, id) =>
        session(invocation, async (engine) => {
          const { grace, expires, out, publicKey } = invocation.options;
          const expiresAt = expiryAfter(host.clock.now(), expires);
          const publicKeys = publicKey === undefined ? undefined : publicKeysFrom(publicKey);
          const order = { id, grace: durationOf('--grace', grace), expiresAt, ...given({ publicKeys }) };
          const { made, ...secret } = await handOver(out, () => engine.tokens.startRotation(order));
          const { token: _, ...rest } = made;
          const more = made.connection === null ? '' : ` for ${made.connection}: ${made.scopes.join(' ')}`;
          return fine(
            { ...rest, token: secret.json, grace },
            `${secret.text}\n\nId ${made.id}${more}, valid until ${expiresAt}.${secret.once}\n` +
              `Store it at the identity provider. ${id} ends ${grace} after the first use of the new one, or now with\n` +
              `  jenkins-scim token rotate complete ${id}\n`,
          );
        }),
      ),
    );

  commandOf(rotate, 'complete', 'end the old one now', 'jenkins-scim token rotate complete 6f1c2d3e-…')
    .argument('<id>', 'either of the two')
    .action(
      action<object, [string]>(host, (invocation, id) =>
        session(invocation, async (engine) => {
          const ended = await engine.tokens.completeRotation(id);
          const unused = ended.used
            ? ''
            : 'The new one has not been used yet: make sure that the identity provider has it.\n';
          return fine(ended, `${ended.revoked} is revoked, ${ended.kept} stays.\n${unused}`);
        }),
      ),
    );

  commandOf(rotate, 'cancel', 'end the new one, keep the old', 'jenkins-scim token rotate cancel 6f1c2d3e-…')
    .argument('<id>', 'either of the two')
    .action(
      action<object, [string]>(host, (invocation, id) =>
        session(invocation, async (engine) => {
          const ended = await engine.tokens.cancelRotation(id);
          const used = ended.used
            ? 'The one that ended was in use: put the old one back at the identity provider.\n'
            : '';
          return fine(ended, `${ended.revoked} is revoked, ${ended.kept} stays.\n${used}`);
        }),
      ),
    );
};
