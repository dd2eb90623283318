import { action, commandOf, type Register } from '../invocation.ts';
import { outcome } from '../outcome.ts';
import { unreadText } from '../print/unread.ts';
import { table } from '../printable.ts';
import { session } from '../session.ts';

/** `ghosts`: who can still act on a controller without a reason. */
export const registerGhosts: Register = (program, host) => {
  commandOf(program, 'ghosts', 'who can still act without a reason', 'jenkins-scim ghosts').action(
    action(host, (invocation) =>
      session(invocation, async (engine, _config, say) => {
        const { ghosts, unread } = await engine.ghosts(say);
        const rest = unreadText(unread);
        if (ghosts.length === 0)
          return outcome(unread.length > 0 ? 1 : 0, { ghosts, unread }, rest === '' ? 'No ghosts.\n' : rest);
        const rows = ghosts.map((ghost) => [
          ghost.controller,
          ghost.id,
          String(ghost.grants.length),
          String(ghost.tokens),
          String(ghost.sshKeys),
          String(ghost.sessions),
          ghost.why,
        ]);
        return outcome(
          unread.length > 0 ? 1 : 2,
          { ghosts, unread },
          `${table([['CONTROLLER', 'ID', 'GRANTS', 'TOKENS', 'KEYS', 'SESSIONS', 'WHY'], ...rows])}${rest}`,
        );
      }),
    ),
  );
};
