import { usage } from '../failure.ts';
import { action, commandOf, type Invocation, type Register } from '../invocation.ts';
import { fine, outcome } from '../outcome.ts';
import { appliedOutcome } from '../print/applied.ts';
import { askedText, olderText } from '../print/older.ts';
import { given, knownController, session } from '../session.ts';

interface Selected {
  readonly controller?: string;
}

interface Everybody extends Selected {
  readonly all?: boolean;
}

/** @throws ScimError CLI_USAGE unless it is about one person, or says that it is about everybody */
function oneOrAll(invocation: Invocation<Everybody>, user: string | undefined): Invocation<Everybody> {
  if ((user === undefined) !== (invocation.options.all === true)) throw usage('name one person, or say --all');
  return invocation;
}

/** `older list|ask|keep|revoke`: what ids held before somebody was linked to them. */
export const registerOlder: Register = (program, host) => {
  const group = commandOf(
    program,
    'older',
    'tokens, keys and sessions that are older than the link to their id',
    'jenkins-scim older list',
  );

  commandOf(group, 'list', 'what waits for somebody to look at it', 'jenkins-scim older list --controller ci-main')
    .option('--controller <name>', 'this controller only')
    .action(
      action<Selected>(host, (invocation) =>
        session(invocation, async (engine, config) => {
          knownController(config, invocation.options.controller);
          const found = await engine.older.list(given(invocation.options));
          return outcome(found.older.length + found.unasked.length > 0 ? 2 : 0, found, olderText(found));
        }),
      ),
    );

  commandOf(
    group,
    'ask',
    'asks the controllers again: about one person, or about everybody, those who were linked before this was asked too',
    'jenkins-scim older ask --all',
  )
    .argument('[user]', 'userName, externalId or SCIM id')
    .option('--all', 'about everybody')
    .option('--controller <name>', 'this controller only')
    .action(
      action<Everybody, [string | undefined]>(host, (invocation, user) =>
        session(oneOrAll(invocation, user), async (engine, config, say) => {
          const { controller } = invocation.options;
          knownController(config, controller);
          const told = await engine.older.ask(given({ user, controller }), say);
          const failed = told.asked.some(({ error }) => error !== undefined);
          const waits = told.older.length + told.unasked.length > 0;
          return outcome(failed ? 1 : waits ? 2 : 0, told, askedText(told));
        }),
      ),
    );

  commandOf(
    group,
    'keep',
    'they are theirs: nothing is revoked, nor told again',
    'jenkins-scim older keep ana@corp.test',
  )
    .argument('[user]', 'userName, externalId or SCIM id')
    .option('--all', 'of everybody')
    .option('--controller <name>', 'this controller only')
    .action(
      action<Everybody, [string | undefined]>(host, (invocation, user) =>
        session(oneOrAll(invocation, user), async (engine, config) => {
          const { controller } = invocation.options;
          knownController(config, controller);
          const kept = await engine.older.keep(given({ user, controller }));
          return fine({ kept }, `${kept} id(s) looked at; what they hold stays.\n`);
        }),
      ),
    );

  commandOf(
    group,
    'revoke',
    'ends every token, key, SSH connection and session at the id, those made since the link too; grants and password stay',
    'jenkins-scim older revoke ana@corp.test',
  )
    .argument('<user>', 'userName, externalId or SCIM id')
    .option('--controller <name>', 'this controller only')
    .action(
      action<Selected, [string]>(host, (invocation, user) =>
        session(invocation, async (engine, config, say) => {
          const { controller } = invocation.options;
          knownController(config, controller);
          return appliedOutcome(await engine.older.revoke({ user, ...given({ controller }) }, say));
        }),
      ),
    );
};
