import { printableLine } from './printable.ts';
import type { Terminal } from './terminal.ts';

/** Tells what goes on during long work: one line that is rewritten on a terminal, nothing elsewhere. */
interface Progress {
  say(text: string): void;
  done(): void;
}

export function progress(terminal: Terminal): Progress {
  if (!terminal.progress) return { say: () => {}, done: () => {} };
  const columns = Math.max(20, terminal.width - 1);
  return {
    say: (text) => terminal.err(`\r${printableLine(text).slice(0, columns)}\u001b[K`),
    done: () => terminal.err('\r\u001b[K'),
  };
}
