import { usage } from '../failure.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { outcome } from '../outcome.ts';
import { certificateText } from '../print/certificate.ts';
import { session } from '../session.ts';

/** `leaver`: the certificate; `--now` starts it without the identity provider, past the ceilings, for one person. */
export const registerLeaver: Register = (program, host) => {
  commandOf(program, 'leaver', 'the deprovision certificate of somebody', 'jenkins-scim leaver ana@corp.test --now')
    .argument('<user>', 'userName, externalId or SCIM id')
    .option('--now', 'start it now, without the identity provider and past the ceilings')
    .option('--lift', 'take back a --now that the identity provider never confirmed; grants return by the rules')
    .option('--release-id', 'give the ids of somebody who left free, though what is owed there is not paid yet')
    .action(
      action<{ now?: boolean; lift?: boolean; releaseId?: boolean }, [string]>(host, (invocation, user) =>
        session(invocation, async (engine, _config, say) => {
          const { now = false, lift = false, releaseId = false } = invocation.options;
          if ([now, lift, releaseId].filter(Boolean).length > 1)
            throw usage('--now, --lift and --release-id exclude each other');
          const what = { now, ...(lift ? { lift } : {}), ...(releaseId ? { releaseId } : {}) };
          const certificate = await engine.leaver(user, what, say);
          // Who is no leaver owes no certificate, and who owes nothing has no id to give free.
          const settled = lift || (releaseId && certificate.controllers.every(({ doneAt }) => doneAt !== null));
          const done = certificate.complete || (certificate.state === 'active' && settled);
          const exit = certificate.undone !== undefined ? 1 : done ? 0 : 2;
          return outcome(exit, certificate, certificateText(certificate));
        }),
      ),
    );
};
