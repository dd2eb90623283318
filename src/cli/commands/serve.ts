import { setFlagsFromString } from 'node:v8';
import { usage } from '../failure.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { stderrLog } from '../logging.ts';
import { fine } from '../outcome.ts';
import { configuration } from '../session.ts';

/** `serve`: SCIM endpoint and reconciler in one process; one JSON line when ready; drains on SIGTERM and SIGINT. */
export const registerServe: Register = (program, host) => {
  commandOf(program, 'serve', 'SCIM endpoint and reconciler in one process', 'jenkins-scim serve')
    .option('--only <parts>', 'not in this version')
    .action(
      action<{ only?: string }>(host, async (invocation) => {
        if (invocation.options.only !== undefined) throw usage('--only needs PostgreSQL, which is not in this version');
        const log = stderrLog(host.environment, 'info');
        const engine = await host.modules.engine(configuration(invocation), log, { migrate: true });
        try {
          const running = await engine.serve();
          // All that is needed at rest is compiled, small; what runs from here on is worth compiling well.
          setFlagsFromString('--no-optimize-for-size');
          host.terminal.out(
            `${JSON.stringify({ ready: true, listen: running.listen, scim: `${running.listen}/scim/v2` })}\n`,
          );
          log.info('stopping', { signal: await host.stopped() });
          await running.stop();
        } finally {
          await engine.close();
        }
        return fine(undefined, '');
      }),
    );
};
