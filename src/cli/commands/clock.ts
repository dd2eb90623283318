import { usage } from '../failure.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { fine, outcome } from '../outcome.ts';
import { session } from '../session.ts';

/** `clock show|accept`: our clock beside the highest time that was believed. */
export const registerClock: Register = (program, host) => {
  const group = commandOf(program, 'clock', 'a clock that went back', 'jenkins-scim clock show');

  commandOf(
    group,
    'show',
    'is it behind the highest time seen, and what stays ended',
    'jenkins-scim clock show',
  ).action(
    action(host, (invocation) =>
      session(invocation, async (engine) => {
        const state = await engine.clock.show();
        const text = `Now ${state.now}; the highest time seen is ${state.highest ?? 'none yet'}.\n`;
        if (state.behindSeconds === 0) return fine(state, `${text}The clock is not behind it.\n`);
        return outcome(
          2,
          state,
          `${text}It is ${state.behindSeconds} s behind: nothing ends by time until it has caught up.\nIs it right now? jenkins-scim clock accept --yes\n${endedText(state)}`,
        );
      }),
    ),
  );

  commandOf(group, 'accept', 'the present time is right, the highest one was not', 'jenkins-scim clock accept --yes')
    .option('--yes', 'the present time was compared with another clock')
    .action(
      action<{ yes?: boolean }>(host, (invocation) => {
        if (invocation.options.yes !== true)
          throw usage('read `jenkins-scim clock show`, compare with another clock, and say --yes');
        return session(invocation, async (engine) => {
          const state = await engine.clock.accept();
          return fine(state, `Time goes on from ${state.now}.\n${endedText(state)}`);
        });
      }),
    );
};

function endedText({
  ended,
}: {
  readonly ended: readonly { readonly rule: string; readonly until: string }[];
}): string {
  if (ended.length === 0) return '';
  const rules = ended.map(({ rule, until }) => `  ${rule} (until ${until})\n`).join('');
  return `These rules had ended by the highest time and stay ended; who needs one gets a rule with another id:\n${rules}`;
}
