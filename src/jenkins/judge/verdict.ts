import type { HttpAnswer } from '../../access/ports/http.ts';
import type { ErrorCode, ErrorDetails } from '../../errors.ts';
import { CLASS, NOT_LOADED } from '../strategies/role-strategy/problem.ts';

/** Something of the catalogue that is wrong, without the name of the controller, which the caller knows. */
export interface Complaint {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
}

/**
 * What a status means before the body is looked at.
 * `doubt`: a start or a shut-down gives the same answer with valid credentials (jenkins-verified.md point 1), so it becomes
 * the complaint only if it lasts. `ran` tells whether a script that was sent may have run.
 */
type Verdict =
  | { readonly kind: 'answered' }
  | { readonly kind: 'doubt'; readonly complaint: Complaint; readonly ran: boolean }
  | { readonly kind: 'wrong'; readonly complaint: Complaint; readonly ran: boolean };

const LOGIN = /(?:securityRealm\/commenceLogin|\/login|\/loginError)\/?$/;

/** Judges status and headers of an answer to a request that `user` made with an API token. */
export function judgeStatus(answer: HttpAnswer, user: string): Verdict {
  const { status, headers, body } = answer;
  if (status === 200) return { kind: 'answered' };
  if (status >= 300 && status < 400) return redirect(headers.location ?? '', user);
  if (status === 401)
    return headers['www-authenticate'] === undefined
      ? doubt('JEN_REALM', { user, reason: 'a 401 without a challenge; what its realm asks may be down' })
      : doubt('JEN_CREDENTIAL', { user });
  if (status === 403) return forbidden(headers, body, user);
  if (status === 404) return wrong('JEN_ANSWER', { reason: 'there is no Jenkins at this URL (404); look at the path' });
  if (status === 413)
    return wrong('JEN_ANSWER', {
      reason: 'what stands in front of it takes no body this large (413); let a megabyte through',
    });
  // Jenkins shows why it does not start to everybody, at every address.
  if (status === 500 && body.includes(`CannotResolveClassException: ${CLASS}`))
    return wrong('JEN_STRATEGY', { reason: NOT_LOADED });
  if (status === 500 && BROKEN.test(body)) return wrong('JEN_BROKEN', { reason: UNREADABLE });
  if (status === 500)
    return doubt(
      'JEN_REALM',
      { user, reason: 'an error of its own (500); what its realm asks may be down, or know that account no more' },
      true,
    );
  if (status === 503 && OWN_PAGE.test(body)) return wrong('JEN_RESTARTING', {}, !isJenkinsPage(body));
  if (status >= 502 && status <= 504)
    return wrong('JEN_UNREACHABLE', { reason: `what stands in front of it answers ${status}` }, true);
  // 4xx refuses; any other may come from something in front that has passed the request on.
  return wrong('JEN_ANSWER', { reason: `status ${status}` }, status < 400 || status >= 500);
}

/** What Jenkins shows at every address after it could not load its configuration, at a start or when it was reloaded; it is never gone by itself. */
const BROKEN = /<h1>Error<\/h1>\s*(?:<p>Jenkins was interrupted while it was reloading|<pre>)/;
const UNREADABLE = 'it could not load its configuration, and answers everything with an error page';

/** A page of Jenkins, whatever its language, or of the server in it. */
const OWN_PAGE = /Jenkins|Jetty/i;

/** The stand-in pages that Jenkins serves while it starts or stops. */
function isJenkinsPage(body: string): boolean {
  return /Starting Jenkins|Jenkins is (?:getting ready|restarting|about to)|Restarting Jenkins/i.test(body);
}

/** Jenkins has them in each refusal for lack of a permission. */
const OWN_HEADERS = ['x-jenkins', 'x-required-permission', 'x-you-are-authenticated-as'];

function forbidden(headers: HttpAnswer['headers'], body: string, user: string): Verdict {
  if (body.includes('No valid crumb'))
    return doubt('JEN_ANSWER', {
      reason: 'a crumb is demanded; the secret is no API token, or a session cookie is added',
    });
  if (!OWN_HEADERS.some((name) => headers[name] !== undefined))
    return doubt('JEN_ANSWER', {
      reason: 'a 403 that is not of Jenkins; what stands in front refuses this host, or the script console',
    });
  // Absent where the check is "any of" (jenkins-verified.md point 6).
  const permission = headers['x-required-permission'] ?? 'Overall/Administer';
  return doubt('JEN_FORBIDDEN', { user, permission: permission.slice(0, 200) });
}

function redirect(location: string, user: string): Verdict {
  const path = location.replace(/[?#].*$/s, '').replace(/;[^/]*$/, '');
  if (LOGIN.test(path)) return wrong('JEN_CREDENTIAL', { user });
  return wrong('JEN_ANSWER', { reason: `a redirect to ${path.slice(0, 200)}; look at the URL` });
}

function doubt(code: ErrorCode, details: ErrorDetails, ran = false): Verdict {
  return { kind: 'doubt', complaint: { code, details }, ran };
}

function wrong(code: ErrorCode, details: ErrorDetails, ran = false): Verdict {
  return { kind: 'wrong', complaint: { code, details }, ran };
}
