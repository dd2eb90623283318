import { type Answer, redirect, withHeaders } from '../answer.ts';
import { crumbFor, crumbIn } from '../crumb.ts';
import { type Exchange, sessionCookie } from '../exchange.ts';
import { loginPage } from '../pages/jenkins.ts';
import { logIn } from '../visit.ts';

export function loginForm(exchange: Exchange): Answer | undefined {
  if (exchange.request.method !== 'GET' || exchange.request.path !== '/login') return undefined;
  return loginPage(exchange.stamp, exchange.crumb());
}

/** `POST /j_spring_security_check`: needs a crumb in this core, and gives the session another id (topic 01, exchanges 32 and 43). */
export function login(exchange: Exchange): Answer {
  const { request, home, visit } = exchange;
  if (request.method !== 'POST') return exchange.notFound();
  const name = request.parameters.get('j_username') ?? '';
  const expected = crumbFor(home, visit.visitor.name, exchange.session().id);
  const session =
    crumbIn(request) === expected ? logIn(home, name, request.parameters.get('j_password') ?? '') : undefined;
  if (session === undefined)
    return withHeaders(redirect('/loginError'), {
      'Set-Cookie': 'remember-me=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; SameSite=Lax',
    });
  if (visit.session !== undefined) home.sessions.end(visit.session.id);
  return withHeaders(redirect('/'), { 'Set-Cookie': sessionCookie(session) });
}
