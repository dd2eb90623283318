import { action, commandOf, type Register } from '../invocation.ts';
import { fine, outcome } from '../outcome.ts';
import { table } from '../printable.ts';
import { session } from '../session.ts';

/** `ghosts`: who can still act on a controller without a reason. */
export const registerGhosts: Register = (program, host) => {
  commandOf(program, 'ghosts', 'who can still act without a reason', 'jenkins-scim ghosts').action(
    action(host, (invocation) =>
      session(invocation, async (engine, _config, say) => {
        const ghosts = await engine.ghosts(say);
        if (ghosts.length === 0) return fine({ ghosts }, 'No ghosts.\n');
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
          2,
          { ghosts },
          table([['CONTROLLER', 'ID', 'GRANTS', 'TOKENS', 'KEYS', 'SESSIONS', 'WHY'], ...rows]),
        );
      }),
    ),
  );
};
