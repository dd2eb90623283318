import { readFileSync } from 'node:fs';

export interface Recorded {
  readonly n: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>> | null;
    readonly body?: string | null;
  };
  readonly response: {
    readonly status: number | null;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string | null;
    readonly truncated?: boolean;
  };
  readonly note?: string;
}

/** One probe of a time line. */
export interface Probed {
  readonly run: string;
  /** Seconds since the order. */
  readonly t: number;
  readonly probe: string;
  readonly result: number | string;
  readonly text: string;
}

/** The exchanges of a topic, in their order. */
export function transcript<T = Recorded>(topic: string): T[] {
  const text = readFileSync(new URL(`../transcripts/${topic}.jsonl`, import.meta.url), 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]));
}
