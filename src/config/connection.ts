import { z } from 'zod';
import { connectionLimits } from './connectionLimits.ts';
import { jwt } from './jwt.ts';
import { duration } from './scalars.ts';

export const PROFILES = ['okta', 'entra', 'interop', 'rfc', 'generic', 'whole'] as const;

const TRUSTED = ['userName', 'externalId', 'active', 'emails', 'userType', 'department', 'employeeNumber'];

export const connection = z
  .strictObject({
    profile: z.enum(PROFILES).default('generic').describe('How the identity provider speaks SCIM.'),
    primary: z
      .boolean()
      .exactOptional()
      .describe('Rules without from: read this one; the first in the file if none says so.'),
    controllers: z
      .array(z.string().min(1))
      .exactOptional()
      .describe('Names or globs of the controllers it may reach; default: all.'),
    trustedAttributes: z.array(z.string().min(1)).default(TRUSTED).describe('What identity mapping may use.'),
    jwt: jwt.exactOptional(),
    limits: connectionLimits.prefault({}),
    silentAfter: duration.prefault('7d').describe('The doctor warns when nothing was heard for so long.'),
  })
  .describe('One tenant of an identity provider.');

export type Profile = (typeof PROFILES)[number];
/** One connection with its name; exactly one is primary. */
export type ConnectionConfig = Omit<z.output<typeof connection>, 'primary'> & {
  readonly name: string;
  readonly primary: boolean;
};
