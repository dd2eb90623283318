import type { Clock } from '../../access/ports/clock.ts';
import type { Log } from '../../access/ports/log.ts';
import type { Meter } from '../../access/ports/meter.ts';
import type { Random } from '../../access/ports/random.ts';
import type { Timers } from '../../access/ports/timers.ts';
import type { LimitsConfig, Profile } from '../../config/schema.ts';
import type { ScimScope } from '../../credentials/credentials.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Catalogue } from '../../scim/schemas/catalogue.ts';

/** What the SCIM routes work with. */
export interface ScimDeps {
  readonly directory: Directory;
  /** The base URL that identity providers call, without a slash at its end: `https://host/scim/v2`. Never taken from a request. */
  readonly baseUrl: () => string;
  readonly limits: LimitsConfig;
  /** The profile of a connection; the choke point lets configured connections in only. */
  readonly profile: (connection: string) => Profile;
  /** The schemas of the service; default: the standard ones. */
  readonly catalogue?: Catalogue;
  /** What cursors are sealed with, 32 bytes. */
  readonly cursorKey: Uint8Array;
  readonly meter: Pick<Meter, 'answered' | 'lenient'>;
  readonly clock: Clock;
  readonly random: Pick<Random, 'bytes'>;
  readonly timers: Pick<Timers, 'nextTurn'>;
  readonly log: Log;
}

/** What a route does, for measures, and the scope a token needs for it. */
interface ScimRoute {
  /** e.g. `user.create`. */
  readonly operation: string;
  /** None: any SCIM token. */
  readonly scope?: ScimScope;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    scim?: ScimRoute;
  }
}

/** The `config` of a SCIM route. */
export function scimRoute(operation: string, scope?: ScimScope): { access: 'scim'; scim: ScimRoute } {
  return { access: 'scim', scim: scope === undefined ? { operation } : { operation, scope } };
}
