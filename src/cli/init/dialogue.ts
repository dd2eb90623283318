import { createInterface } from 'node:readline';
import { refuse } from '../../errors.ts';

/** Asks one question after the other; lines typed ahead are kept for the next ones. */
export interface Dialogue {
  /** Asks until the answer has no problem; an empty answer is `usual`. @throws ScimError CLI_ABORTED */
  ask(question: string, usual: string, problem?: (answer: string) => string | undefined): Promise<string>;
  close(): void;
}

/** A dialogue over two streams; Ctrl-C and the end of the input end it. */
export function dialogue(input: NodeJS.ReadableStream, output: NodeJS.WritableStream, terminal: boolean): Dialogue {
  const lines: string[] = [];
  let waiting: { readonly resolve: (line: string) => void; readonly reject: (error: Error) => void } | undefined;
  let ended = false;
  const reader = createInterface({ input, output, terminal });
  reader.on('line', (line) => {
    const asked = waiting;
    // The next line may come before who asked goes on.
    waiting = undefined;
    if (asked === undefined) lines.push(line);
    else asked.resolve(line);
  });
  reader.on('SIGINT', () => reader.close());
  reader.on('close', () => {
    ended = true;
    waiting?.reject(refuse('CLI_ABORTED'));
  });

  async function line(prompt: string): Promise<string> {
    reader.setPrompt(prompt);
    reader.prompt();
    const ahead = lines.shift();
    if (ahead !== undefined) return ahead;
    if (ended) throw refuse('CLI_ABORTED');
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
    });
  }

  return {
    async ask(question, usual, problem = () => undefined) {
      for (;;) {
        const answer = (await line(usual === '' ? `${question}: ` : `${question} [${usual}]: `)).trim() || usual;
        const wrong = problem(answer);
        if (wrong === undefined) return answer;
        output.write(`  ${wrong}\n`);
      }
    },
    close: () => reader.close(),
  };
}
