import type { Bound } from './text.ts';

const USUAL = 64 * 1024;
const [PARSE, BIND, DESCRIBE, EXECUTE, FLUSH, SYNC] = ['P', 'B', 'D', 'E', 'H', 'S'].map((type) =>
  type.charCodeAt(0),
) as [number, number, number, number, number, number];
const PORTAL = 'P'.charCodeAt(0);

/** Puts the messages of a flight together into one (protocol 3.0, extended query): one piece of memory, one call of the system. */
export class Wire {
  #buffer = Buffer.allocUnsafeSlow(USUAL);
  #end = 0;
  /** Where the message began whose length is not known yet. */
  #begun = 0;

  parse(name: string, text: string): void {
    this.#begin(PARSE);
    this.#text(name);
    this.#text(text);
    this.#short(0);
    this.#finish();
  }

  bind(statement: string, values: readonly Bound[]): void {
    this.#begin(BIND);
    this.#text('');
    this.#text(statement);
    this.#short(values.length);
    for (const value of values) this.#short(value instanceof Uint8Array ? 1 : 0);
    this.#short(values.length);
    for (const value of values) this.#value(value);
    this.#short(0);
    this.#finish();
  }

  /** What columns the answer to the last one that was bound has. */
  describe(): void {
    this.#begin(DESCRIBE);
    this.#byte(PORTAL);
    this.#text('');
    this.#finish();
  }

  execute(): void {
    this.#begin(EXECUTE);
    this.#text('');
    this.#long(0);
    this.#finish();
  }

  flush(): void {
    this.#begin(FLUSH);
    this.#finish();
  }

  sync(): void {
    this.#begin(SYNC);
    this.#finish();
  }

  /** Everything since the last call. */
  take(): Buffer {
    const found = Buffer.from(this.#buffer.subarray(0, this.#end));
    this.#end = 0;
    if (this.#buffer.length > 16 * USUAL) this.#buffer = Buffer.allocUnsafeSlow(USUAL);
    return found;
  }

  #begin(type: number): void {
    this.#byte(type);
    this.#begun = this.#end;
    this.#long(0);
  }

  #finish(): void {
    this.#buffer.writeInt32BE(this.#end - this.#begun, this.#begun);
  }

  #value(value: Bound): void {
    if (value === null) {
      this.#long(-1);
      return;
    }
    const most = typeof value === 'string' ? value.length * 3 : value.length;
    this.#room(most + 4);
    const at = this.#end + 4;
    const length = typeof value === 'string' ? this.#buffer.write(value, at) : value.length;
    if (typeof value !== 'string') this.#buffer.set(value, at);
    this.#buffer.writeInt32BE(length, this.#end);
    this.#end = at + length;
  }

  #text(text: string): void {
    this.#room(text.length * 3 + 1);
    this.#end += this.#buffer.write(text, this.#end);
    this.#byte(0);
  }

  #byte(value: number): void {
    this.#room(1);
    this.#buffer[this.#end++] = value;
  }

  #short(value: number): void {
    this.#room(2);
    this.#end = this.#buffer.writeUInt16BE(value, this.#end);
  }

  #long(value: number): void {
    this.#room(4);
    this.#end = this.#buffer.writeInt32BE(value, this.#end);
  }

  #room(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#end + bytes));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}
