import type { HttpFailure } from '../../access/ports/http.ts';
import { reasonOfCode } from '../../errors/systemReason.ts';
import type { Complaint } from './verdict.ts';

/** What a request without an answer means; never a verdict about credentials or rights. */
export function judgeFailure(failure: HttpFailure, timeout: number): Complaint {
  switch (failure.kind) {
    case 'tls':
      return { code: 'JEN_TLS', details: { reason: failure.message } };
    case 'timeout':
      return failure.sent
        ? { code: 'JEN_TIMEOUT', details: { seconds: Math.round(timeout / 1000) } }
        : { code: 'JEN_UNREACHABLE', details: { reason: 'no connection in time' } };
    case 'too-large':
      return { code: 'JEN_ANSWER', details: { reason: failure.message } };
    case 'dns':
      return { code: 'JEN_UNREACHABLE', details: { reason: `the name is not found (${failure.message})` } };
    case 'proxy':
      return { code: 'JEN_UNREACHABLE', details: { reason: `the proxy refuses (${failure.message})` } };
    default:
      return { code: 'JEN_UNREACHABLE', details: { reason: inWords(failure.message) } };
  }
}

function inWords(code: string): string {
  const words = reasonOfCode(code);
  return words === code ? code : `${words} (${code})`;
}
