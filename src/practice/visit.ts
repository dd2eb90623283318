import type { Clock } from '../access/ports/clock.ts';
import type { Request } from './request.ts';
import { ANONYMOUS, type Visitor } from './state/access.ts';
import type { Home } from './state/home.ts';
import type { Person, Token } from './state/person.ts';
import type { Session } from './state/sessions.ts';

/** How somebody came in; only a token spares the crumb (ApiCrumbExclusion). */
export interface Visit {
  readonly visitor: Visitor;
  readonly by: 'nobody' | 'session' | 'token' | 'password';
  /** The session the request's cookie names, if it is known. */
  readonly session?: Session;
}

/**
 * A live login wins over a Basic header of the same user, whose secret is then not even looked at; over another user's it
 * loses (topic 01, exchanges 46–49). Other kinds of Authorization are ignored. Undefined: 401.
 */
export function receive(home: Home, request: Request, clock: Clock): Visit | undefined {
  const session = home.sessions.get(request.cookies.get('JSESSIONID') ?? '');
  const known = session === undefined ? {} : { session };
  const login = session === undefined ? undefined : loggedIn(home, session);
  const basic = basicOf(request.headers.authorization);
  if (basic === undefined || basic.user === login?.name)
    return login === undefined
      ? { visitor: ANONYMOUS, by: 'nobody', ...known }
      : { visitor: login, by: 'session', ...known };
  const person = home.people.get(basic.user);
  if (person === undefined) return undefined;
  const token = person.tokens.find(({ value }) => value === basic.secret);
  if (token !== undefined) {
    if (home.usageStatistics) home.people.put(used(person, token, clock.now()));
    return { visitor: visitor(person.id, groupsOf(person)), by: 'token', ...known };
  }
  if (person.password === undefined || person.password !== basic.secret) return undefined;
  return { visitor: visitor(person.id, ['FACTOR_PASSWORD']), by: 'password', ...known };
}

/** What a login with a right name and password leaves in the session. */
export function logIn(home: Home, name: string, password: string): Session | undefined {
  const person = home.people.get(name);
  if (person?.password === undefined || person.password !== password) return undefined;
  const { authorities } = visitor(person.id, ['FACTOR_PASSWORD']);
  home.people.put({ ...person, groups: authorities });
  home.people.save(person.id);
  return home.sessions.open({ user: person.id, authorities, seed: person.seed });
}

/**
 * A session whose seed is not the person's any more is anonymous. Where the record is gone it is served once more, and that
 * request makes an unsaved record with another seed (topic 04, exchanges 65–69).
 */
function loggedIn(home: Home, session: Session): Visitor | undefined {
  if (session.user === undefined) return undefined;
  const person = home.people.get(session.user);
  if (person !== undefined && person.seed !== session.seed) {
    home.sessions.forget(session.id);
    return undefined;
  }
  home.people.need(session.user);
  return { name: session.user, anonymous: false, authorities: session.authorities ?? [] };
}

function basicOf(header: string | undefined): { user: string; secret: string } | undefined {
  const encoded = /^Basic\s+(\S+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [user = '', secret = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(/:(.*)/s, 2);
  return { user, secret };
}

/** A token gives the groups of the last interactive login. */
function groupsOf(person: Person): readonly string[] {
  return (person.groups ?? []).filter((group) => group !== 'authenticated');
}

function visitor(name: string, more: readonly string[]): Visitor {
  return { name, anonymous: false, authorities: ['authenticated', ...more] };
}

function used(person: Person, token: Token, now: number): Person {
  const tokens = person.tokens.map((other) =>
    other === token ? { ...token, lastUse: now, uses: (token.uses ?? 0) + 1 } : other,
  );
  return { ...person, tokens };
}
