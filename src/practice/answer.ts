/** What goes back over the wire; `Content-Length` is set where the recorded answer has one. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
  /** Without a `Content-Length`, as rendered pages and scriptText come. */
  readonly chunked?: true;
}

/** The empty 200 of a write. */
export const DONE: Answer = { status: 200, headers: {}, body: '' };

/** JSON of role-strategy: no `X-Jenkins` (jenkins-verified.md, point 2). */
export function json(value: unknown): Answer {
  return { status: 200, headers: { 'Content-Type': 'application/json;charset=utf-8' }, body: JSON.stringify(value) };
}

/** JSON of `/api/json`, with the two headers that tell version and start. */
export function api(value: unknown, stamp: Stamp): Answer {
  const answer = json(value);
  return { ...answer, headers: { ...stampHeaders(stamp), ...answer.headers } };
}

export function text(body: string): Answer {
  return { status: 200, headers: { 'Content-Type': 'text/plain;charset=utf-8' }, body, chunked: true };
}

/** Locations are absolute paths (jenkins-verified.md, point 7). */
export function redirect(location: string): Answer {
  return { status: 302, headers: { Location: location }, body: '' };
}

/** Version and start of the process that answers. */
export interface Stamp {
  readonly version: string;
  readonly session: string;
}

export function stampHeaders(stamp: Stamp): Record<string, string> {
  return { 'X-Jenkins': stamp.version, 'X-Jenkins-Session': stamp.session };
}

export function withHeaders(answer: Answer, headers: Answer['headers']): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
