import { setFlagsFromString } from 'node:v8';
import { didYouMean } from '../../config/nearest.ts';
import { SERVE_PARTS, type ServePart } from '../engine.ts';
import { usage } from '../failure.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { stderrLog } from '../logging.ts';
import { fine } from '../outcome.ts';
import { configuration, runBy } from '../session.ts';

/** `serve`: SCIM endpoint and reconciler in one process; one JSON line when ready; drains on SIGTERM and SIGINT. */
export const registerServe: Register = (program, host) => {
  commandOf(program, 'serve', 'SCIM endpoint and reconciler in one process', 'jenkins-scim serve')
    .option('--only <parts>', 'scim, sync or both, with commas; needs PostgreSQL')
    .action(
      action<{ only?: string }>(host, async (invocation) => {
        const only = partsOf(invocation.options.only);
        const config = configuration(invocation);
        if (only !== undefined && config.database.startsWith('sqlite:'))
          throw usage('--only needs PostgreSQL: a file is served by one process that does everything');
        const log = stderrLog(host.environment, 'info');
        const engine = await host.modules.engine(config, log, { migrate: true, runBy: runBy(invocation) });
        try {
          const running = await (only === undefined ? engine.serve() : engine.serve({ only }));
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

function partsOf(text: string | undefined): readonly ServePart[] | undefined {
  if (text === undefined) return undefined;
  const parts = text.split(',').map((part) => part.trim());
  const wrong = parts.find((part) => !SERVE_PARTS.includes(part as ServePart));
  if (wrong !== undefined)
    throw usage(
      `--only takes ${SERVE_PARTS.join(' and ')}, not ${JSON.stringify(wrong)}${didYouMean(wrong, SERVE_PARTS)}`,
    );
  return parts as ServePart[];
}
