import { action, commandOf, type Register } from '../invocation.ts';
import { fine } from '../outcome.ts';
import { explanationText } from '../print/explanation.ts';
import { given, knownController, session } from '../session.ts';

interface Options {
  readonly controller?: string;
  readonly permission?: string;
  readonly item?: string;
}

/** `explain`: why somebody holds what they hold, and what is missing for the rest. */
export const registerExplain: Register = (program, host) => {
  commandOf(
    program,
    'explain',
    'why, and why not',
    'jenkins-scim explain ana@corp.test --permission Job/Build --item pay/api',
  )
    .argument('<user>', 'userName, externalId or SCIM id')
    .option('--controller <name>', 'this controller only')
    .option('--permission <permission>', 'this permission only, e.g. Job/Build')
    .option('--item <path>', 'on this item only, e.g. pay/api')
    .action(
      action<Options, [string]>(host, (invocation, user) =>
        session(invocation, async (engine, config) => {
          knownController(config, invocation.options.controller);
          const { permission, item } = invocation.options;
          const explanation = await engine.explain(user, given(invocation.options));
          const gives = permission === undefined ? '' : ` that gives ${permission}`;
          return fine(
            explanation,
            explanationText(explanation, { asked: `${gives}${item === undefined ? '' : ` on ${item}`}` }),
          );
        }),
      ),
    );
};
