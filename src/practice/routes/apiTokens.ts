import { type Answer, DONE, json } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import { jettyPage } from '../pages/jetty.ts';
import { PERMISSIONS } from '../state/catalogue.ts';
import { newToken, type Person } from '../state/person.ts';

type Act = (exchange: Exchange, person: Person) => Answer;

/** What `ApiTokenProperty` does over REST; each only by POST. */
const ACTS: Readonly<Record<string, Act>> = { generateNewToken, revoke, revokeAll };

const PROPERTY = 'descriptorByName/jenkins.security.ApiTokenProperty/';

/** `/me/descriptorByName/jenkins.security.ApiTokenProperty/…`: of oneself; needs no Overall/Read (topic 36, exchange 08). */
export function ownApiTokens(exchange: Exchange): Answer | undefined {
  const { visitor } = exchange.visit;
  if (visitor.anonymous) return undefined;
  return act(exchange, exchange.request.segments.slice(1), exchange.home.people.need(visitor.name));
}

/** `/user/X/descriptorByName/jenkins.security.ApiTokenProperty/…`. */
export function apiTokens(exchange: Exchange): Answer | undefined {
  const [, id = '', ...rest] = exchange.request.segments;
  const person = exchange.home.people.get(id);
  return person === undefined ? undefined : act(exchange, rest, person);
}

function act(exchange: Exchange, rest: readonly string[], person: Person): Answer | undefined {
  const path = rest.join('/');
  const name = path.startsWith(PROPERTY) ? path.slice(PROPERTY.length) : '';
  if (!Object.hasOwn(ACTS, name)) return undefined;
  return exchange.request.method === 'POST' ? ACTS[name]!(exchange, person) : exchange.wrongMethod();
}

/** Nobody makes one for somebody else, an administrator neither: 403 without a word (topic 36, exchange 09). */
function generateNewToken({ request, visit, home }: Exchange, person: Person): Answer {
  if (visit.visitor.name !== person.id) return { status: 403, headers: {}, body: '' };
  const now = home.now();
  const wanted = request.parameters.get('newTokenName') ?? '';
  const name = wanted.trim() === '' ? `Token created on ${new Date(now).toISOString()}` : wanted;
  const token = newToken(home.random, name, now, false);
  home.people.put({ ...person, tokens: [...person.tokens, token] });
  home.people.save(person.id);
  const told = { tokenName: name, tokenUuid: token.uuid, tokenValue: token.value, expirationDate: 'never' };
  return json({ status: 'ok', data: { aboutToExpire: false, ...told } });
}

/** One that is not there is none afterwards, too. */
function revoke(exchange: Exchange, person: Person): Answer {
  const uuid = exchange.request.parameters.get('tokenUuid') ?? '';
  return (
    refused(exchange, person) ??
    (uuid.trim() === ''
      ? jettyPage(400, 'The tokenUuid cannot be empty', exchange.request.path)
      : keep(exchange, withoutLegacy(person, uuid), (token) => token.uuid !== uuid))
  );
}

/** Clears the tokens, but not the old secret field: a legacy token is back after a restart (topic 06, exchanges 03 and 29). */
function revokeAll(exchange: Exchange, person: Person): Answer {
  return refused(exchange, person) ?? keep(exchange, person, () => false);
}

/** The old secret field goes with the legacy token (`ApiTokenProperty.revokeToken`). */
function withoutLegacy(person: Person, uuid: string): Person {
  if (!person.tokens.some((token) => token.legacy && token.uuid === uuid)) return person;
  const { legacySecret: _, ...rest } = person;
  return rest;
}

function refused(exchange: Exchange, person: Person): Answer | undefined {
  return exchange.visit.visitor.name === person.id ? undefined : exchange.refused(PERMISSIONS.administer);
}

function keep({ home }: Exchange, person: Person, kept: (token: Person['tokens'][number]) => boolean): Answer {
  home.people.put({ ...person, tokens: person.tokens.filter(kept) });
  home.people.save(person.id);
  return DONE;
}
