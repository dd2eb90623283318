import { pino } from 'pino';
import type { Log } from '../access/ports/log.ts';

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** JSON lines on stderr; `JENKINS_SCIM_LOG` chooses the level. */
export function stderrLog(
  environment: Readonly<Record<string, string | undefined>>,
  usual: (typeof LEVELS)[number],
): Log {
  const asked = LEVELS.find((level) => level === environment.JENKINS_SCIM_LOG);
  const logger = pino(
    {
      level: asked ?? usual,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 2, sync: true }),
  );
  return adapt(logger);
}

function adapt(logger: pino.Logger): Log {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    with: (fields) => adapt(logger.child(fields)),
  };
}
