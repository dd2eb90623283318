import type { Answer } from '../answer.ts';
import { crumbFor, crumbIn } from '../crumb.ts';
import type { Exchange } from '../exchange.ts';
import { noCrumb } from '../pages/jetty.ts';
import { PERMISSIONS } from '../state/catalogue.ts';
import { apiTokens, ownApiTokens } from './apiTokens.ts';
import { job } from './job.ts';
import { life } from './life.ts';
import { login, loginForm } from './login.ts';
import { me } from './me.ts';
import { roleStrategy } from './roleStrategy.ts';
import { crumbIssuer, health, root, whoAmI } from './root.ts';
import { scriptText } from './scriptText.ts';

type Route = (exchange: Exchange) => Answer | undefined;

/** Reached without Overall/Read. */
const OPEN: Readonly<Record<string, Route>> = { whoAmI, login: loginForm, health, me: ownApiTokens };

/** Behind Overall/Read. */
const CLOSED: Readonly<Record<string, Route>> = {
  api: root,
  me,
  crumbIssuer,
  'role-strategy': roleStrategy,
  manage: roleStrategy,
  user: apiTokens,
  scriptText,
  job,
  quietDown: life,
  cancelQuietDown: life,
  reload: life,
  restart: life,
  safeRestart: life,
};

/** The filters in their order, then the route; what nobody recorded is not there. */
export function answer(exchange: Exchange): Answer {
  const [first = ''] = exchange.request.segments;
  if (first === 'j_spring_security_check') return login(exchange);
  if (!crumbPasses(exchange)) return noCrumb(exchange.request.path);
  const open = Object.hasOwn(OPEN, first) ? OPEN[first]!(exchange) : undefined;
  if (open !== undefined) return open;
  const refused = exchange.refused(PERMISSIONS.read);
  if (refused !== undefined) return refused;
  const closed = Object.hasOwn(CLOSED, first) ? CLOSED[first]!(exchange) : undefined;
  return closed ?? exchange.notFound();
}

/** Asked of each POST that no API token came with. Looking for a crumb's session makes one (topic 01, exchange 25). */
function crumbPasses(exchange: Exchange): boolean {
  const { request, visit, home } = exchange;
  if (request.method !== 'POST' || visit.by === 'token') return true;
  const crumb = crumbIn(request);
  return crumb !== undefined && crumb === crumbFor(home, visit.visitor.name, exchange.session().id);
}
