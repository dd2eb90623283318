import { readFileSync } from 'node:fs';
import type { HttpAnswer } from '../../src/access/ports/http.ts';

interface Line {
  readonly n: string;
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
}

/** Answers of a real controller, by topic and number. */
export function recorded(topic: string, number: string): HttpAnswer {
  const text = readFileSync(new URL(`../transcripts/${topic}.jsonl`, import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  const found = lines.map((line) => JSON.parse(line) as Line).find((line) => line.n === number);
  if (found === undefined) throw new Error(`${topic} has no exchange ${number}`);
  const { status, headers, body } = found.response;
  const lower = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return { status, headers: Object.fromEntries(lower), body: body ?? '' };
}
