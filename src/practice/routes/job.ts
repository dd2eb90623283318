import type { Answer } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import { mayDo } from '../state/access.ts';

const READ = 'hudson.model.Item.Read';
const BUILD = 'hudson.model.Item.Build';

/**
 * `/job/A/job/B/build`. Who may not read the job is told that there is none. A right `token` parameter stands for Job/Build
 * and for the POST, and the build is then nobody's; a wrong one is refused whatever the visitor may
 * (hudson.model.BuildAuthorizationToken; seen on a real 2.568.2).
 */
export function job(exchange: Exchange): Answer | undefined {
  const { request, visit, home, host } = exchange;
  const names = /^((?:job\/[^/]+\/)+)build$/.exec(request.segments.join('/'))?.[1];
  if (names === undefined) return undefined;
  const fullName = names.slice('job/'.length, -1).replaceAll('/job/', '/');
  const found = home.jobs.get(fullName);
  if (found === undefined || !mayDo(home, visit.visitor, READ, fullName)) return undefined;
  const shown = found.remoteToken === undefined ? undefined : request.parameters.get('token');
  const byToken = shown !== undefined && shown === found.remoteToken;
  if (!byToken) {
    if (shown !== undefined) return exchange.page(403, 'Jenkins');
    if (!mayDo(home, visit.visitor, BUILD, fullName)) return exchange.refused(BUILD);
    if (request.method !== 'POST') return exchange.wrongMethod();
  }
  const item = home.jobs.start(fullName, byToken ? undefined : visit.visitor.name);
  return { status: 201, headers: { Location: `${host.url}queue/item/${item}/` }, body: '' };
}
