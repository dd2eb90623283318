import { keepOlder } from '../../sync/older/olderKept.ts';
import { type OlderFilter, type OlderLink, olderCounts, olderLinks } from '../../sync/older/olderListed.ts';
import type { Applied } from '../../sync/orders/orders.ts';
import type { OlderAsked, OlderEntry, OlderList } from '../answers.ts';
import type { Say } from '../engine.ts';
import { known, orderAll } from './orders.ts';
import type { Parts } from './parts.ts';
import { personCalled } from './people.ts';

/** Behind every instant. */
const EVERY = '~';

/** What was found, and how many ids a controller has not told of yet. */
export async function listOlder({ store }: Pick<Parts, 'store'>, filter: OlderFilter): Promise<OlderList> {
  const { links, counts } = await store.read(async (db) => ({
    links: await olderLinks(db, filter),
    counts: await olderCounts(db, EVERY),
  }));
  const asked = counts.filter(({ controller }) => filter.controller === undefined || filter.controller === controller);
  const unasked = asked
    .filter((count) => count.unasked > 0)
    .map(({ controller, unasked: ids }) => ({ controller, ids }));
  return { older: links.map(entryOf), unasked };
}

interface Which {
  readonly user?: string;
  readonly controller?: string;
}

async function filterOf(parts: Pick<Parts, 'store' | 'config'>, { user, controller }: Which): Promise<OlderFilter> {
  const person = user === undefined ? undefined : (await personCalled(parts, user)).id;
  return { ...(controller === undefined ? {} : { controller }), ...(person === undefined ? {} : { person }) };
}

/** Asks on every controller, or on one, and lists what is there. @throws ScimError USER_UNKNOWN, USER_AMBIGUOUS */
export async function askAbout(parts: Parts, which: Which, say: Say): Promise<OlderAsked> {
  const filter = await filterOf(parts, which);
  const { controller, ...about } = filter;
  const names = controller === undefined ? known(parts) : [controller];
  const applied = await orderAll(parts, names, () => ({ kind: 'ask-older', ...about }), say);
  const asked = applied.map(({ controller: name, verified, error }) => ({
    ...{ controller: name, ids: verified },
    ...(error === undefined ? {} : { error }),
  }));
  return { asked, ...(await listOlder(parts, filter)) };
}

/** They are looked at and stay. @returns how many @throws ScimError USER_UNKNOWN, USER_AMBIGUOUS */
export async function keepAll(parts: Pick<Parts, 'store' | 'config' | 'context'>, which: Which): Promise<number> {
  const filter = await filterOf(parts, which);
  const links = await parts.store.read((db) => olderLinks(db, filter));
  await keepOlder(parts.context, links);
  return links.length;
}

/** Revokes on every controller where something waits. @throws ScimError USER_UNKNOWN, USER_AMBIGUOUS */
export async function revokeFor(
  parts: Parts,
  { user, controller }: { readonly user: string; readonly controller?: string },
  say: Say,
): Promise<readonly Applied[]> {
  const person = (await personCalled(parts, user)).id;
  const filter = { person, ...(controller === undefined ? {} : { controller }) };
  const waiting = (): Promise<Set<string>> =>
    parts.store.read(async (db) => new Set((await olderLinks(db, filter)).map((link) => link.controller)));
  const applied = await orderAll(parts, [...(await waiting())], () => ({ kind: 'revoke-older', person }), say);
  const left = await waiting();
  return applied.map((item) => (item.error === undefined && left.has(item.controller) ? undone(item) : item));
}

/** Whoever holds the lease answered and did nothing, or not all of it. */
function undone(item: Applied): Applied {
  if (item.verified + item.failed > 0) return item;
  return {
    ...item,
    error: 'nothing was revoked: does a service of an older version run there? update it, then try again',
  };
}

function entryOf({ foldedId: _, tokens, ...link }: OlderLink): OlderEntry {
  return {
    ...link,
    tokens: tokens.map(({ created, lastUse, ...token }) => ({
      ...token,
      ...(created === undefined ? {} : { createdAt: new Date(created).toISOString() }),
      ...(lastUse === undefined ? {} : { lastUsedAt: new Date(lastUse).toISOString() }),
    })),
  };
}
