import type { Socket } from 'node:net';
import { refuse, type ScimError } from '../errors.ts';
import { errorBody } from '../scim/errorBody.ts';

// An `import` of node:http would load Node's own undici; see expectation.ts.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** What Node's parser says where a URL has blanks, or letters that are not ASCII. */
const URLS: ReadonlySet<string> = new Set(['HPE_INVALID_URL', 'HPE_INVALID_CONSTANT', 'HPE_INVALID_VERSION']);

/**
 * Answers what never becomes a request, so that no hook and no route sees it, and closes the connection. What it was for is unknown:
 * the answer has the form of SCIM (RFC 7644 §3.12), which nearly everybody here expects.
 */
export function unreadable({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(answer(errorOf(code)));
  socket.destroy();
}

function errorOf(code: string): ScimError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refuse('SCIM_LATE');
  if (code === 'HPE_HEADER_OVERFLOW') return refuse('SCIM_HEADERS');
  return refuse(URLS.has(code) ? 'SCIM_URL' : 'SCIM_HTTP');
}

function answer(error: ScimError): string {
  const body = JSON.stringify(errorBody(error));
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    'Connection: close',
    'Content-Type: application/scim+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    '',
    body,
  ].join('\r\n');
}
