import { type Answer, type Stamp, stampHeaders } from '../answer.ts';
import { permission } from '../state/catalogue.ts';

const PAGE = { 'Content-Type': 'text/html;charset=utf-8', 'Cache-Control': 'no-cache,no-store,must-revalidate' };
const HUDSON = { 'X-Hudson': '1.395' };
const GROUPS =
  'JENKINS-39402: use -Dhudson.security.AccessDeniedException2.REPORT_GROUP_HEADERS=true or use /whoAmI to diagnose';

/** A rendered page: the recorded title, and of the rest what a client reads. `said` is HTML. */
export function page(status: number, title: string, stamp: Stamp, crumb: string, said = ''): Answer {
  const base = `/static/${stamp.session}`;
  return {
    status,
    headers: { ...PAGE, 'X-Hudson-Theme': 'default', ...HUDSON, ...stampHeaders(stamp) },
    body: `<!DOCTYPE html><html data-disable-sticky="false"><head resURL="${base}" data-rooturl="" data-resurl="${base}" data-crumb-header="Jenkins-Crumb" data-crumb-value="${crumb}"><title>${title}</title></head><body><a href="#skip2content">Skip to content</a><a href="/">Jenkins</a>${said}</body></html>`,
    chunked: true,
  };
}

/** The generic error page: a logging id, no reason. */
export function oopsPage(stamp: Stamp, crumb: string): Answer {
  return page(
    500,
    'Jenkins - Jenkins',
    stamp,
    crumb,
    '<a href="/">Jenkins</a><h1>Oops!</h1><h2>A problem occurred while processing the request</h2>',
  );
}

/** Headers of a refused permission; absent where the check was "any of" (jenkins-verified.md, point 6). */
export function refusal(name: string, id: string): Answer['headers'] {
  const implied = impliedBy(id);
  return {
    'X-You-Are-Authenticated-As': name,
    'X-You-Are-In-Group-Disabled': GROUPS,
    'X-Required-Permission': id,
    ...(implied.length === 0 ? {} : { 'X-Permission-Implied-By': implied }),
  };
}

/** Everybody who is not logged in is sent to the login by a page of status 403. */
export function loginRequired(path: string, id: string, stamp: Stamp): Answer {
  const target = `/login?from=${encodeURIComponent(path)}`;
  const implied = impliedBy(id).map((other) => ` ... which is implied by: ${other}\n`);
  return {
    status: 403,
    headers: { 'Content-Type': PAGE['Content-Type'], ...HUDSON, ...stampHeaders(stamp), ...refusal('anonymous', id) },
    body: `<html><head><meta http-equiv='refresh' content='1;url=${target}'/><script id='redirect' data-redirect-url='${target}' src='/static/${stamp.session}/scripts/redirect.js'></script></head><body style='background-color:white; color:white;'>
Authentication required
<!--
You are authenticated as: anonymous
Groups that you are in:
  anonymous
Permission you need to have (but didn't): ${id}
${implied.join('')}-->

</body></html>${' '.repeat(300)}`,
    chunked: true,
  };
}

/** The login form; its hidden crumb belongs to the anonymous session that the page came with. */
export function loginPage(stamp: Stamp, crumb: string): Answer {
  const base = `/static/${stamp.session}`;
  return {
    status: 200,
    headers: { ...PAGE, ...HUDSON, ...stampHeaders(stamp) },
    body: `<!DOCTYPE html><html lang="en"><head resURL="${base}" data-rooturl="" data-resurl="${base}"><title>Sign in - Jenkins</title></head><body><form method="post" name="login" action="j_spring_security_check"><input type="text" name="j_username"><input type="password" name="j_password"><input type="hidden" name="from"><input name="Jenkins-Crumb" type="hidden" value="${crumb}"></form></body></html>`,
    chunked: true,
  };
}

/** The stand-in that answers while Jenkins starts or ends: 503, without any `X-Jenkins` and without Retry-After. */
export function waiting(title: 'Starting Jenkins' | 'Restarting Jenkins', session: string): Answer {
  const base = `/static/${session}`;
  const said = title === 'Starting Jenkins' ? 'Jenkins is getting ready to work' : 'Jenkins is restarting';
  return {
    status: 503,
    headers: { 'Cache-Control': PAGE['Cache-Control'], 'Content-Type': PAGE['Content-Type'] },
    body: `<!DOCTYPE html><html lang="en"><head resURL="${base}" data-rooturl="" data-resurl="${base}"><title>${title}</title></head><body><p>${said}</p><p>Your browser will reload automatically when Jenkins is ready.</p></body></html>`,
    chunked: true,
  };
}

/** What a POST meets in the first second of a start: the servlet's bare 500 (topic 06, time lines). */
export function bareError(): Answer {
  return {
    status: 500,
    headers: { 'Content-Type': 'text/html;charset=utf-8' },
    body: '<html><head><title>Error 500</title></head><body><p>Status Code: 500</p><p>Exception: class hudson.security.AccessDeniedException3</p></body></html>',
    chunked: true,
  };
}

function impliedBy(id: string): string[] {
  const found: string[] = [];
  for (let next = permission(id)?.impliedBy; next !== undefined; next = permission(next)?.impliedBy) found.push(next);
  return found;
}
