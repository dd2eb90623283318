import { type Answer, type Stamp, withHeaders } from './answer.ts';
import { crumbFor } from './crumb.ts';
import { loginRequired, oopsPage, page, refusal } from './pages/jenkins.ts';
import type { Request } from './request.ts';
import { mayDo } from './state/access.ts';
import { PERMISSIONS } from './state/catalogue.ts';
import type { Home } from './state/home.ts';
import type { Session } from './state/sessions.ts';
import type { Visit } from './visit.ts';

/** What is asked of the process around the routes. */
interface Host {
  readonly version: string;
  /** `http://127.0.0.1:8080/` */
  readonly url: string;
  now(): number;
  /** Begins one of the recorded time lines. */
  begin(line: 'restart' | 'safeRestart' | 'reload'): void;
}

/** One request on its way through the routes, with who sent it. Opens an HTTP session when a page asks for one. */
export class Exchange {
  readonly request: Request;
  readonly visit: Visit;
  readonly home: Home;
  readonly host: Host;
  #opened: Session | undefined;

  constructor(request: Request, visit: Visit, home: Home, host: Host) {
    this.request = request;
    this.visit = visit;
    this.home = home;
    this.host = host;
  }

  get stamp(): Stamp {
    return { version: this.host.version, session: this.home.session };
  }

  /** The request's session, made now if it has none. */
  session(): Session {
    this.#opened ??= this.visit.session === undefined ? this.home.sessions.open() : undefined;
    return this.#opened ?? this.visit.session!;
  }

  crumb(): string {
    return crumbFor(this.home, this.visit.visitor.name, this.session().id);
  }

  may(permission: string): boolean {
    return mayDo(this.home, this.visit.visitor, permission);
  }

  page(status: number, title: string): Answer {
    return page(status, title, this.stamp, this.crumb());
  }

  notFound(): Answer {
    return this.page(404, 'Not Found - Jenkins');
  }

  wrongMethod(): Answer {
    return withHeaders(this.page(405, 'Method Not Allowed - Jenkins'), { Allow: 'POST' });
  }

  /** The generic page with a logging id and no reason. */
  oops(): Answer {
    return oopsPage(this.stamp, this.crumb());
  }

  /** 403 for a permission; undefined where the visitor has it. */
  refused(permission: string): Answer | undefined {
    if (this.may(permission)) return undefined;
    if (this.visit.visitor.anonymous) {
      this.session();
      return loginRequired(this.request.target, permission, this.stamp);
    }
    return withHeaders(this.page(403, 'Jenkins'), refusal(this.visit.visitor.name, permission));
  }

  /** 403 of an "any of" check that only an administrator passes here: no permission is named. */
  refusedAnyOf(): Answer | undefined {
    return this.may(PERMISSIONS.administer) ? undefined : this.page(403, 'Jenkins');
  }

  /** The answer with the cookie of a session that was opened on the way. */
  finish(answer: Answer): Answer {
    if (this.#opened === undefined) return answer;
    const before = answer.headers['Set-Cookie'] ?? [];
    const cookies = [...(typeof before === 'string' ? [before] : before), sessionCookie(this.#opened)];
    return withHeaders(answer, { 'Set-Cookie': cookies });
  }
}

export function sessionCookie(session: Session): string {
  return `JSESSIONID=${session.id}; Path=/; HttpOnly; SameSite=Lax`;
}
