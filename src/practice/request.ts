/** One request as Stapler sees it. */
export interface Request {
  readonly method: string;
  /** Path as sent, without the query. */
  readonly path: string;
  /** Path and query as sent. */
  readonly target: string;
  /** Path segments, decoded. */
  readonly segments: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: ReadonlyMap<string, string>;
  /** First value of each parameter; the query before the body, as a servlet merges them. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Reads the parts. Header names are lower-case. Bodies other than form data have no parameters. */
export function readRequest(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Request {
  const [path = '/', query = ''] = url.split(/\?(.*)/s, 2);
  const parameters = new Map<string, string>();
  for (const [name, value] of [...new URLSearchParams(query), ...formOf(headers['content-type'] ?? '', body)])
    if (!parameters.has(name)) parameters.set(name, value);
  return {
    method,
    path,
    target: url,
    segments: segmentsOf(path),
    headers,
    cookies: cookiesOf(headers.cookie ?? ''),
    parameters,
  };
}

function segmentsOf(path: string): string[] {
  return path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
}

function cookiesOf(header: string): Map<string, string> {
  const pairs = header.split(';').map((pair) => pair.trim().split(/=(.*)/s, 2) as [string, string?]);
  return new Map(pairs.filter(([name]) => name !== '').map(([name, value]) => [name, value ?? '']));
}

function formOf(type: string, body: string): Iterable<[string, string]> {
  if (type.startsWith('application/x-www-form-urlencoded')) return new URLSearchParams(body);
  const boundary = /^multipart\/form-data;\s*boundary="?([^";]+)/.exec(type)?.[1];
  return boundary === undefined ? [] : multipart(body, boundary);
}

/** Plain fields of a multipart form; parts that are files are no parameters (topic 03, exchange 28). */
function multipart(body: string, boundary: string): [string, string][] {
  const fields: [string, string][] = [];
  for (const part of body.split(`--${boundary}`)) {
    const [head = '', value] = part.split(/\r?\n\r?\n(.*)/s, 2);
    const name = /\bname="([^"]*)"/.exec(head)?.[1];
    if (name !== undefined && value !== undefined && !/\bfilename=/.test(head))
      fields.push([name, value.replace(/\r?\n$/, '')]);
  }
  return fields;
}
