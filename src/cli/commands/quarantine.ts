import { action, commandOf, type Register } from '../invocation.ts';
import { fine, outcome } from '../outcome.ts';
import { appliedOutcome } from '../print/applied.ts';
import { fitted, printableLine, table } from '../printable.ts';
import { session } from '../session.ts';

/** `quarantine list|show|release|reject`: what is held, why, and by which ceiling. */
export const registerQuarantine: Register = (program, host) => {
  const group = commandOf(
    program,
    'quarantine',
    'what is held, why, and by which ceiling',
    'jenkins-scim quarantine list',
  );

  commandOf(group, 'list', 'everything that waits for a person', 'jenkins-scim quarantine list').action(
    action(host, (invocation) =>
      session(invocation, async (engine) => {
        const held = await engine.held();
        if (held.length === 0) return fine({ held }, 'Nothing is held.\n');
        const rows = held.map((item) => [
          item.digest.slice(0, 12),
          item.controller,
          `${item.steps} step(s)`,
          item.ceiling,
          item.since,
        ]);
        const [head = '', ...lines] = table([['DIGEST', 'CONTROLLER', 'STEPS', 'CEILING', 'SINCE'], ...rows]).split(
          '\n',
        );
        const text = held.map(({ reason }, index) => `${lines[index]}\n  ${printableLine(reason)}\n`).join('');
        return outcome(held.every(({ rejected }) => rejected) ? 0 : 2, { held }, fitted(`${head}\n${text}`));
      }),
    ),
  );

  commandOf(group, 'show', 'the held steps and their reasons', 'jenkins-scim quarantine show 3f9c1a2b')
    .argument('<digest>', 'as `list` shows it; its first 8 characters are enough')
    .action(
      action<object, [string]>(host, (invocation, digest) =>
        session(invocation, async (engine) => {
          const plan = await engine.showHeld(digest);
          const { width, colour } = host.terminal;
          return { ...outcome(2, plan.document, ''), text: plan.text({ width, colour }) };
        }),
      ),
    );

  commandOf(
    group,
    'release',
    'do exactly what is held, as far as it is still wanted',
    'jenkins-scim quarantine release 3f9c1a2b',
  )
    .argument('<digest>')
    .action(
      action<object, [string]>(host, (invocation, digest) =>
        session(invocation, async (engine, _config, say) => appliedOutcome(await engine.release(digest, say))),
      ),
    );

  commandOf(
    group,
    'reject',
    'say no: the steps stay undone until they are not wanted any more',
    'jenkins-scim quarantine reject 3f9c1a2b',
  )
    .argument('<digest>')
    .action(
      action<object, [string]>(host, (invocation, digest) =>
        session(invocation, async (engine) => {
          const rejected = await engine.reject(digest);
          return fine({ digest, rejected }, `${rejected} step(s) rejected.\n`);
        }),
      ),
    );
};
