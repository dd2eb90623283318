import { action, commandOf, type Register } from '../invocation.ts';
import { fine, outcome } from '../outcome.ts';
import { unreadText } from '../print/unread.ts';
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
          const { adopted, unread } = await engine.adopt(given(invocation.options));
          const text =
            adopted === 0
              ? 'Nothing to adopt; jenkins-scim plan lists what is matched and which roles are not ours.\n'
              : `${adopted} roles and entries adopted: they fall when their last reason falls.\nWhat the policy wants there beyond that comes with the next look at everything; at once: jenkins-scim sync\n`;
          return outcome(unread.length > 0 ? 1 : 0, { adopted, unread }, text + unreadText(unread));
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
          const text =
            disowned === 0
              ? 'Nothing here is owned by that name.\n'
              : `${disowned} roles and entries let go: they stay on Jenkins and are unmanaged.\n`;
          return fine({ disowned }, text);
        }),
      ),
    );
};
