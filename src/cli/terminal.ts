import { describe, unwritten } from './failure.ts';

/** Where a command talks to: the result on stdout, everything else on stderr. */
export interface Terminal {
  /** Writes to stdout. */
  out(text: string): void;
  /** Writes to stderr. */
  err(text: string): void;
  /** stdout is a terminal that shows colour. */
  readonly colour: boolean;
  /** Columns of stdout; 80 where it is no terminal. */
  readonly width: number;
  /** stderr is a terminal: progress may be shown. */
  readonly progress: boolean;
  /** stdin and stderr are terminals: questions may be asked. */
  readonly interactive: boolean;
}

/** What a terminal says of its width; some say 0, or nothing. */
export function columnsOf(said: number | undefined): number {
  return said === undefined || said < 20 ? 80 : said;
}

/** The terminal of this process; NO_COLOR and TERM=dumb turn colour off. */
export function processTerminal(environment: Readonly<Record<string, string | undefined>>): Terminal {
  const { stdin, stdout, stderr } = process;
  // A reader that has seen enough (`| head`) closes the pipe: that is no error of ours.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    // The result is not whole: whoever reads it, a file on a full disk say, must not take it for one.
    stderr.write(describe(unwritten('standard output', error), false).text);
    process.exit(1);
  });
  // Nobody is left to be told.
  stderr.on('error', () => {});
  return {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    colour: stdout.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb',
    width: columnsOf(stdout.columns),
    progress: stderr.isTTY === true,
    interactive: stdin.isTTY === true && stderr.isTTY === true,
  };
}
