import { action, commandOf, type Register } from '../invocation.ts';
import { outcome } from '../outcome.ts';
import { certificateText } from '../print/certificate.ts';
import { session } from '../session.ts';

/** `leaver`: the certificate; `--now` starts it without the identity provider, past the ceilings, for one person. */
export const registerLeaver: Register = (program, host) => {
  commandOf(program, 'leaver', 'the deprovision certificate of somebody', 'jenkins-scim leaver ana@corp.test --now')
    .argument('<user>', 'userName, externalId or SCIM id')
    .option('--now', 'start it now, without the identity provider and past the ceilings')
    .action(
      action<{ now?: boolean }, [string]>(host, (invocation, user) =>
        session(invocation, async (engine, _config, say) => {
          const certificate = await engine.leaver(user, { now: invocation.options.now === true }, say);
          return outcome(certificate.complete ? 0 : 2, certificate, certificateText(certificate));
        }),
      ),
    );
};
