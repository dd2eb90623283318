import { readFileSync } from 'node:fs';
import { unreadable, usage } from '../failure.ts';
import { besideBrokenPolicy } from '../filePolicy.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { appliedOutcome } from '../print/applied.ts';
import { given, knownController, session } from '../session.ts';

interface Options {
  readonly controller?: string;
  readonly allowLoss?: string;
}

const EXAMPLE = `jenkins-scim apply
jenkins-scim apply plan.json
jenkins-scim apply --allow-loss 3f9c…`;

/** `apply`: a saved plan is a claim; it is computed anew and refused if it no longer holds. */
export const registerApply: Register = (program, host) => {
  commandOf(program, 'apply', 'make the controllers match', EXAMPLE)
    .argument('[file]', 'a plan saved by `plan --out`')
    .option('--controller <name>', 'this controller only')
    .option('--allow-loss <digest>', 'release exactly what is held under this digest')
    .action(
      action<Options, [string | undefined]>(host, (invocation, file) =>
        session(invocation, async (engine, config, say) => {
          const { controller, allowLoss } = invocation.options;
          knownController(config, controller);
          if (file !== undefined && allowLoss !== undefined)
            throw usage('a saved plan and --allow-loss exclude each other');
          const saved = file === undefined ? {} : { saved: savedPlan(file) };
          const applied = await engine.apply({ ...given(invocation.options), ...saved }, say);
          return besideBrokenPolicy(host, config, appliedOutcome(applied));
        }),
      ),
    );
};

function savedPlan(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw usage(`${file} is no saved plan: ${error.message}`);
    throw unreadable(file, error);
  }
}
