import type { Clock } from '../../access/ports/clock.ts';
import type { Http } from '../../access/ports/http.ts';
import type { Log } from '../../access/ports/log.ts';
import { refuse } from '../../errors.ts';
import type { PublicKey } from '../publicKeys.ts';
import { type Claimed, candidates } from '../signedText.ts';
import { readKeySet } from './keySet.ts';

/** Milliseconds. Keys are asked for again after `FRESH`, at most once in `PAUSE`, and believed for `KEEP` while nobody answers. */
export const FRESH = 600_000;
export const PAUSE = 30_000;
export const KEEP = 86_400_000;
/** Key ids that are remembered as absent. */
const MOST_ABSENT = 100;

interface IssuerKeysDeps {
  readonly url: string;
  readonly http: Pick<Http, 'send'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The public keys of one issuer, kept in memory. */
export interface IssuerKeys {
  /**
   * Keys that may have signed it; none where the issuer is known not to have such a key. A key id that was never seen makes it
   * ask again. @throws ScimError AUTH_KEYS where it cannot be said: nothing was ever read, or too long ago, or not since the
   * unknown key appeared, which a change of keys shortly after a question brings about
   */
  for(token: Pick<Claimed, 'algorithm' | 'kid'>): Promise<readonly PublicKey[]>;
  /**
   * The same asked anew, for who found that none of them had signed it: an issuer may give a new key the id of the old one, or
   * none. Nothing where the last question is too short ago.
   */
  anew(token: Pick<Claimed, 'algorithm' | 'kid'>): Promise<readonly PublicKey[]>;
}

export function createIssuerKeys({ url, http, clock, log }: IssuerKeysDeps): IssuerKeys {
  let keys: readonly PublicKey[] | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let failed = false;
  let running: Promise<void> | undefined;
  /** Key ids that were not among the keys when they were read last: some that were asked for, and those that were taken away. */
  let absent = new Set<string | undefined>();

  /** One question at a time, and none within `PAUSE` after the last one. @returns whether the issuer was asked */
  async function ask(): Promise<boolean> {
    if (running === undefined) {
      if (clock.monotonic() - askedAt < PAUSE) return false;
      askedAt = clock.monotonic();
      running = read().finally(() => {
        running = undefined;
      });
    }
    await running;
    return true;
  }

  async function read(): Promise<void> {
    try {
      const read = await readKeySet(url, http);
      const former = keys ?? [];
      keys = read;
      absent = new Set(former.map(({ kid }) => kid));
      readAt = clock.monotonic();
      if (failed) log.info('the keys of an issuer can be read again', { url });
      failed = false;
    } catch (error) {
      if (!failed) log.warn('the keys of an issuer cannot be read', { url, reason: (error as Error).message });
      failed = true;
    }
  }

  return {
    async for(token) {
      const age = (): number => clock.monotonic() - readAt;
      let asked = false;
      if (age() > FRESH) {
        const asking = ask();
        // A key that was taken away while nobody called must not open anything. While the issuer does not answer, nobody waits for it.
        if (!failed || age() > KEEP) asked = await asking;
      }
      if (keys === undefined || age() > KEEP) throw refuse('AUTH_KEYS');
      const found = candidates(keys, token);
      if (found.length > 0) return found;
      if (!asked) asked = await ask();
      const now = candidates(keys, token);
      if (now.length > 0) return now;
      const known = asked || absent.has(token.kid) || keys.some(({ kid }) => kid === token.kid);
      if (failed || !known) throw refuse('AUTH_KEYS');
      if (absent.size < MOST_ABSENT) absent.add(token.kid);
      return now;
    },

    async anew(token) {
      return (await ask()) ? candidates(keys ?? [], token) : [];
    },
  };
}
