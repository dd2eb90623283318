import { pino } from 'pino';
import type { Log } from '../access/ports/log.ts';
import { LOG_LEVELS, type LogLevel } from '../config/logLevel.ts';
import { systemClock, systemTimers } from './edge.ts';
import { Lines } from './lines.ts';

let stderr: Lines | undefined;

/** Bytes of lines that wait where standard error takes none; later ones are lost. */
const MOST = 1024 ** 2;

/**
 * Standard error, for all logs of the process. What was not written yet is when it ends, by an error that nobody catches, too. A file on
 * a full disk is no reason to end: what waits is written when there is room.
 */
function toStderr(): Lines {
  if (stderr !== undefined) return stderr;
  const destination = pino.destination({ fd: 2, sync: true, maxLength: MOST });
  destination.on('error', () => {});
  const lines = new Lines(destination, systemTimers);
  process.once('exit', () => lines.flush());
  stderr = lines;
  return lines;
}

/** JSON lines on stderr, those of a turn of the event loop together, warnings and errors at once; `JENKINS_SCIM_LOG` chooses the level. */
export function stderrLog(environment: Readonly<Record<string, string | undefined>>, usual: LogLevel): Log {
  const asked = LOG_LEVELS.find((level) => level === environment.JENKINS_SCIM_LOG);
  const lines = toStderr();
  const logger = pino(
    {
      level: asked ?? usual,
      base: null,
      timestamp,
      formatters: { level: (label) => ({ level: label }) },
    },
    lines,
  );
  return adapt(logger, lines);
}

let at = { ms: Number.NaN, text: '' };

/** The time of a line as pino wants it; requests of one millisecond share the text. */
function timestamp(): string {
  const ms = systemClock.now();
  if (ms !== at.ms) at = { ms, text: `,"time":"${new Date(ms).toISOString()}"` };
  return at.text;
}

function adapt(logger: pino.Logger, lines: Lines): Log {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => {
      logger.warn(fields ?? {}, message);
      lines.flush();
    },
    error: (message, fields) => {
      logger.error(fields ?? {}, message);
      lines.flush();
    },
    with: (fields) => adapt(logger.child(fields), lines),
  };
}
