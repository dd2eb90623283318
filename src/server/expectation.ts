import type { FastifyInstance } from 'fastify';
import { refuse } from '../errors.ts';
import { length } from './gate.ts';

// An `import` of node:http reads all it exports, which loads Node's own copy of undici: 800 KB of source, 7 MB at rest.
const { ServerResponse } = process.getBuiltinModule('node:http');

/**
 * An answer that asks for the body (`100 Continue`) when it is told to, where Node does it before anybody has looked at the request.
 * One that is refused before is closed by Node: whether a body follows is unknown (RFC 9110 §10.1.1).
 */
export class PatientResponse extends ServerResponse {
  #wanted = false;

  /** Node calls this as soon as it has read `Expect: 100-continue`. */
  override writeContinue(callback?: () => void): void {
    if (this.#wanted) super.writeContinue(callback);
  }

  /** Now the body is wanted. */
  continue(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.writeContinue();
  }
}

/** Asks for a body that a client holds back, once the choke point has let the request in and its length is one that is taken. */
export function expectations(app: FastifyInstance, bodyLimit: number): void {
  app.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.headers.expect === undefined || !(reply.raw instanceof PatientResponse)) return done();
    const limit = request.routeOptions.bodyLimit ?? bodyLimit;
    if (length(request.headers['content-length']) > limit) return done(refuse('SCIM_TOO_LARGE', { limit }));
    reply.raw.continue();
    done();
  });
}
