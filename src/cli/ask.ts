import { request } from 'undici';
import type { HttpAnswer } from '../access/ports/http.ts';

const PATIENCE = 5_000;
const ENOUGH = 65_536;

/** An anonymous GET that follows nothing and gives up after five seconds; for the doctor. */
export async function ask(url: string): Promise<HttpAnswer> {
  const { statusCode, headers, body } = await request(url, {
    headersTimeout: PATIENCE,
    bodyTimeout: PATIENCE,
    signal: AbortSignal.timeout(PATIENCE),
  });
  const text = await body.text();
  const flat = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return { status: statusCode, headers: Object.fromEntries(flat), body: text.slice(0, ENOUGH) };
}
