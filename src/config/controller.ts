import { z } from 'zod';
import { baseUrl } from './scalars.ts';
import { type SecretRef, secretRef } from './secret.ts';

export const MODES = ['off', 'observe', 'add-only', 'enforce'] as const;

const globs = z.array(z.string().min(1)).default([]);

const identity = z
  .strictObject({
    user: z
      .enum(['userName', 'externalId', 'email'])
      .default('userName')
      .describe('The SCIM attribute that is the Jenkins id.'),
    group: z.enum(['displayName', 'externalId']).default('displayName'),
    transform: z.enum(['none', 'lowercase', 'uppercase']).default('none'),
    stripDomain: z.boolean().default(false).describe('ana@corp.test becomes ana.'),
  })
  .describe('How people of the directory are called on this controller.');

export const controller = z
  .strictObject({
    url: baseUrl,
    user: z.string().min(1).describe('The account of the service; it needs Overall/Administer by a USER entry.'),
    apiToken: secretRef,
    labels: z.record(z.string(), z.string()).default({}).describe('What rules select controllers by.'),
    mode: z.enum(MODES).default('observe').describe('What may happen by itself.'),
    identity: identity.prefault({}),
    grants: z.enum(['user']).default('user'),
    driver: z.enum(['auto', 'script']).default('auto'),
    protect: z
      .strictObject({ users: globs, groups: globs, roles: globs })
      .prefault({})
      .describe('Globs of what neither gains nor loses.'),
    breakGlass: z
      .union([z.string().min(1), z.array(z.string().min(1))], 'write the name of an account, or a list of them')
      .transform((value) => (typeof value === 'string' ? [value] : value))
      .prefault([])
      .describe('Local accounts that must always be able to administer.'),
    tls: z
      .strictObject({
        ca: z.string().min(1).exactOptional(),
        cert: z.string().min(1).exactOptional(),
        key: z.string().min(1).exactOptional(),
      })
      .exactOptional()
      .describe('PEM files: own CA, client certificate and its key. Verification cannot be turned off.'),
    proxy: baseUrl.exactOptional().describe('HTTP proxy to reach the controller through.'),
  })
  .describe('One Jenkins controller.');

export type Mode = (typeof MODES)[number];
export type IdentityConfig = z.output<typeof identity>;
/** One controller with its name; `url` ends with a slash, `breakGlass` is a list, files are absolute. */
export type ControllerConfig = z.output<typeof controller> & { readonly name: string; readonly apiToken: SecretRef };
