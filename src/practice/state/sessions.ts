import type { Random } from '../../access/ports/random.ts';

/** An HTTP session; anonymous until somebody logs in with it. In memory: a restart ends them all. */
export interface Session {
  readonly id: string;
  readonly user?: string;
  readonly authorities?: readonly string[];
  /** The person's seed at login. */
  readonly seed?: string;
}

/** An SSH connection that is open. It outlives keys and seeds until somebody closes it (jenkins-verified.md, point 12). */
interface SshSession {
  readonly user: string;
}

export class Sessions {
  readonly #http = new Map<string, Session>();
  readonly #random: Random;
  ssh: SshSession[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  get(id: string): Session | undefined {
    return this.#http.get(id);
  }

  open(login?: Omit<Session, 'id'>): Session {
    const session = { ...login, id: `node0${Buffer.from(this.#random.bytes(16)).toString('hex')}` };
    this.#http.set(session.id, session);
    return session;
  }

  /** The session's login is forgotten; it stays as an anonymous one. */
  forget(id: string): void {
    this.#http.set(id, { id });
  }

  end(id: string): void {
    this.#http.delete(id);
  }
}
