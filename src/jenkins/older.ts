import type { OlderAnswer, OlderCredentials } from '../access/ports/controller.ts';
import type { Connection } from './connection.ts';
import { fitting } from './fitting.ts';
import { type OlderReply, older } from './scripts/older.ts';

/** Most ids of one script. */
const IDS = 10_000;
/** Milliseconds of work, how many tokens and keys of one person are named, and of all together. */
const BOUNDS = { budget: 500, shown: 50, named: 20_000 } as const;

/** What one script tells of these ids; nobody asked for needs no call. @throws ScimError JEN_* */
export async function readOlder(connection: Connection, ids: readonly string[]): Promise<OlderAnswer> {
  const asked = ids.slice(0, fitting(ids, IDS));
  if (asked.length === 0) return { known: [], rest: [] };
  const { result } = await connection.read(older, { ids: asked, ...BOUNDS });
  const done = asked.length - result.rest.length;
  const reached = new Set(asked.slice(0, done));
  const wrong =
    done < 1 ||
    result.rest.some((id, at) => id !== asked[done + at]) ||
    result.known.some(({ id }) => !reached.has(id));
  if (wrong) {
    const reason = 'the script tells of other people than those asked for';
    throw connection.error({ code: 'JEN_ANSWER', details: { reason } });
  }
  return { known: result.known.map(toCredentials), rest: ids.slice(done) };
}

/** Nulls of the script are absent values of the port. */
function toCredentials({ tokens, sshKeys, error, ...rest }: OlderReply): OlderCredentials {
  return Object.freeze({
    ...rest,
    tokens: tokens.map(({ created, lastUse, ...token }) => ({
      ...token,
      ...(created === null ? {} : { created }),
      ...(lastUse === null ? {} : { lastUse }),
    })),
    sshKeys: sshKeys.map(({ type, fingerprint }) => ({ type, ...(fingerprint === null ? {} : { fingerprint }) })),
    ...(error === null ? {} : { error }),
  });
}
