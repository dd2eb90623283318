import { systemTimers } from '../src/cli/edge.ts';
import { speak } from './http.ts';
import type { Stage } from './stage.ts';

/** Who a secret or a session makes of somebody: the name, `anonymous`, or the status of the refusal. */
export async function whoIs(stage: Stage, as: { user?: string; secret?: string; cookie?: string }): Promise<string> {
  const { status, body } = await speak(new URL('whoAmI/api/json', stage.url), as);
  return status === 200 ? (JSON.parse(body) as { name: string }).name : String(status);
}

/** What somebody may read who needs Overall/Administer for it: the status. */
export async function readRoles(stage: Stage, user: string, secret: string): Promise<number> {
  return (await speak(new URL('role-strategy/strategy/getAllRoles', stage.url), { user, secret })).status;
}

/** Logs in through the form, as a browser does. Gives the session's cookie, or undefined where the login is refused. */
export async function logIn(stage: Stage, user: string, password: string): Promise<string | undefined> {
  const page = await speak(new URL('login', stage.url));
  const crumb = crumbIn(page.body);
  const answer = await speak(new URL('j_spring_security_check', stage.url), {
    method: 'POST',
    cookie: page.cookies.join('; '),
    form: { j_username: user, j_password: password, from: '/', Submit: '', 'Jenkins-Crumb': crumb },
  });
  const session = answer.cookies.find((cookie) => cookie.startsWith('JSESSIONID'));
  if (session === undefined || answer.location?.includes('loginError') === true) return undefined;
  // Under load a real controller answers the login before the session knows of it.
  for (let attempt = 0; attempt < 20; attempt++) {
    if ((await whoIs(stage, { cookie: session })) !== 'anonymous') return session;
    await systemTimers.sleep(100);
  }
  return undefined;
}

/** The login form's hidden crumb, whatever the order of its attributes. */
function crumbIn(html: string): string {
  const input = /<input[^>]*name="Jenkins-Crumb"[^>]*>/.exec(html)?.[0];
  const crumb = /value="([^"]+)"/.exec(input ?? '')?.[1] ?? /data-crumb-value="([^"]+)"/.exec(html)?.[1];
  if (crumb === undefined) throw new Error('the login page has no crumb');
  return crumb;
}
