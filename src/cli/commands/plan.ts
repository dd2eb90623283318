import { besideBrokenPolicy } from '../filePolicy.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { outcome } from '../outcome.ts';
import { given, knownController, session } from '../session.ts';
import { writeWhole } from '../wholeFile.ts';

interface Options {
  readonly controller?: string;
  readonly user?: string;
  readonly policy?: string;
  readonly out?: string;
}

/** `plan`: what would change and the rule behind each line; writes nothing to Jenkins. */
export const registerPlan: Register = (program, host) => {
  commandOf(
    program,
    'plan',
    'what would change, and the rule behind each line',
    'jenkins-scim plan --controller ci-main --out plan.json',
  )
    .option('--controller <name>', 'this controller only')
    .option('--user <name>', 'this person only')
    .option('--policy <file>', 'as if this were the policy')
    .option('--out <file>', 'save it for `apply FILE`')
    .action(
      action<Options>(host, (invocation) =>
        session(invocation, async (engine, config) => {
          const { out, ...query } = invocation.options;
          knownController(config, query.controller);
          const plan = await engine.plan(given(query));
          if (out !== undefined) writeWhole(out, `${JSON.stringify(plan.document, undefined, 2)}\n`, 0o600);
          const { controllers } = plan.document;
          const unread = controllers.some((controller) => controller.unread);
          const todo = controllers.some((controller) => controller.steps.length + controller.quarantined.length > 0);
          const { width, colour } = host.terminal;
          const result = outcome(unread ? 1 : todo ? 2 : 0, plan.document, '');
          const told = { ...result, text: plan.text({ width, colour }) };
          return query.policy === undefined ? besideBrokenPolicy(host, config, told) : told;
        }),
      ),
    );
};
