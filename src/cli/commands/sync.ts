import { action, commandOf, type Register } from '../invocation.ts';
import { appliedOutcome } from '../print/applied.ts';
import { given, knownController, session } from '../session.ts';

/** `sync`: now, step by step, within the modes and ceilings. */
export const registerSync: Register = (program, host) => {
  commandOf(program, 'sync', 'reconcile now', 'jenkins-scim sync ana@corp.test --controller ci-main')
    .argument('[user]', 'this person only')
    .option('--controller <name>', 'this controller only')
    .action(
      action<{ controller?: string }, [string | undefined]>(host, (invocation, user) =>
        session(invocation, async (engine, config, say) => {
          knownController(config, invocation.options.controller);
          return appliedOutcome(await engine.sync(given({ user, controller: invocation.options.controller }), say));
        }),
      ),
    );
};
