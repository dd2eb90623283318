import { handsOn } from './editing.ts';
import type { Hands, Look } from './hands.ts';
import { lookAt } from './looking.ts';
import type { PracticeOptions } from './options.ts';
import { Process } from './process.ts';
import { firstDisk } from './state/firstDisk.ts';

export interface Practice {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  readonly hands: Hands;
  readonly look: Look;
  close(): Promise<void>;
}

/**
 * A Jenkins to practise on: a server on loopback that speaks what we use of the HTTP of Jenkins 2.568.2 with role-strategy
 * 898, as recorded (docs/decisions/003). It runs no Groovy: our scripts are known by their SHA-256. What nobody recorded is 404.
 *
 * Known to differ from a real one where no recorded exchange shows it: patterns are JavaScript's with `\Q…\E` and `(?i)`;
 * scripts never run out of their budget; entries keep the order they came in, also after a script, where a real controller
 * has the order of a hash; items are matched by patterns and not served; `/reload` takes half a second.
 */
export async function startPractice(options: PracticeOptions): Promise<Practice> {
  const process = new Process(options, firstDisk(options));
  await process.listen(options.port ?? 0);
  return {
    url: process.url,
    hands: handsOn(process, options),
    look: lookAt(process),
    close: () => process.close(),
  };
}
