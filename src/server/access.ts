import type { FastifyRequest } from 'fastify';
import type { Person, TokenRecord } from '../credentials/credentials.ts';

/**
 * Who may call a route. Every route has to say so in `config.access`; one that does not is refused when it is registered.
 * `public` asks for nothing; the others ask for a token of that kind, and a token of another kind is no token there. `client` is
 * the token endpoint of OAuth 2.0 alone: who asks proves it by HTTP Basic, or by a secret or an assertion in the body.
 */
export const ACCESS = ['public', 'scim', 'metrics', 'operator', 'client'] as const;
export type Access = (typeof ACCESS)[number];

/** Who calls, as the choke point found out; there is none on public routes. */
interface Identity {
  /** Connection of a SCIM token; rows of others do not exist for it. */
  readonly connection: string;
  /** Id of the credential. */
  readonly credential: string;
  readonly scopes: readonly string[];
  /** Whom the token stands for, where it stands for a person. */
  readonly person?: Person;
  /** Id of the request, from push to controller call. */
  readonly request: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** The verified token; null on public routes and before the choke point. */
    token: TokenRecord | null;
    /** When it was verified: monotonic, in milliseconds. */
    admitted: number;
    /** Counts so many more requests of its connection: what is asked for is worth more than one. */
    charge(units: number): void;
    /** Runs what looks through very much when it is the connection's turn. @throws ScimError SCIM_RATE */
    costly<T>(work: () => Promise<T>): Promise<T>;
    /** The same for what a change that was made is answered with: nothing is refused. */
    finish<T>(work: () => Promise<T>): Promise<T>;
  }
}

/** The caller of a SCIM route. @throws Error (a bug) where the choke point has not let a SCIM token in */
export function identify(request: FastifyRequest): Identity {
  const { token } = request;
  if (token?.kind !== 'scim' || token.connection === null)
    throw new Error('a SCIM route was reached without a SCIM token');
  const { connection, id: credential, scopes, person } = token;
  return { connection, credential, scopes, request: request.id, ...(person === undefined ? {} : { person }) };
}
