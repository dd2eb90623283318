import { action, commandOf, type Register } from '../invocation.ts';
import { fine } from '../outcome.ts';
import { given, knownController, session } from '../session.ts';

interface Options {
  readonly controller?: string;
  readonly role?: string;
}

/** `adopt` and `disown`: take over what the policy explains, or let go of it. Nothing changes on Jenkins. */
export const registerAdopt: Register = (program, host) => {
  commandOf(
    program,
    'adopt',
    'own entries made by hand that the policy explains',
    'jenkins-scim adopt --controller ci-main --role qa',
  )
    .option('--controller <name>', 'this controller only')
    .option('--role <name>', 'this role only')
    .action(
      action<Options>(host, (invocation) =>
        session(invocation, async (engine, config) => {
          knownController(config, invocation.options.controller);
          const adopted = await engine.adopt(given(invocation.options));
          return fine({ adopted }, `${adopted} entry(ies) adopted: they fall when their last reason falls.\n`);
        }),
      ),
    );

  commandOf(
    program,
    'disown',
    'let go of entries; they stay on Jenkins',
    'jenkins-scim disown --controller ci-main --role qa',
  )
    .option('--controller <name>', 'this controller only')
    .option('--role <name>', 'this role only')
    .action(
      action<Options>(host, (invocation) =>
        session(invocation, async (engine, config) => {
          knownController(config, invocation.options.controller);
          const disowned = await engine.disown(given(invocation.options));
          return fine({ disowned }, `${disowned} entry(ies) let go: they stay on Jenkins and are unmanaged.\n`);
        }),
      ),
    );
};
