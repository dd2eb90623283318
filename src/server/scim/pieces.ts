import { Readable } from 'node:stream';
import type { Breathe } from '../../access/ports/store.ts';

/** Characters that are put together, encoded and sent in one turn of the event loop. */
const PIECE = 512 * 1024;
/** Members cost at least so many characters, however little of them is shown. */
const MEMBER = 256;
/** Members that are put into words in one turn. */
export const MEMBERS_A_PIECE = PIECE / MEMBER;

/**
 * The text of an answer while it is put together. A long one is encoded piece by piece and never is one string: joining, flattening and
 * encoding ten megabytes holds the event loop in one go.
 */
export class Pieces {
  readonly #breathe: Breathe;
  readonly #done: Buffer[] = [];
  #texts: string[] = [];
  #spent = 0;
  #bytes = 0;

  constructor(breathe: Breathe) {
    this.#breathe = breathe;
  }

  /** Adds some text; `members` are in it, or were looked at for it. Where it is a turn's worth, the next one is to be waited for. */
  add(text: string, members = 0): Promise<void> | undefined {
    this.#texts.push(text);
    this.#spent += Math.max(text.length, members * MEMBER);
    if (this.#spent < PIECE) return undefined;
    this.#encode();
    return this.#breathe();
  }

  /** What was added: one text, or a body whose pieces are let go one by one, as fast as they are read. */
  end(): string | Body {
    if (this.#done.length === 0) return this.#texts.join('');
    this.#encode();
    const bytes = this.#bytes;
    return { bytes, stream: Readable.from(inTurn(this.#done, this.#breathe), { objectMode: false }) };
  }

  #encode(): void {
    const piece = Buffer.from(this.#texts.join(''));
    this.#texts = [];
    this.#spent = 0;
    this.#bytes += piece.length;
    if (piece.length > 0) this.#done.push(piece);
  }
}

/** A long answer, encoded. */
export interface Body {
  readonly bytes: number;
  readonly stream: Readable;
}

async function* inTurn(pieces: Buffer[], breathe: Breathe): AsyncGenerator<Buffer> {
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
    yield piece;
    await breathe();
  }
}
