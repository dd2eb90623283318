import { z } from 'zod';
import { baseUrl, cidr, durationOf, size } from './scalars.ts';

const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:\s]+):\d{1,5}$/, { error: 'write host:port, e.g. 127.0.0.1:8080', abort: true })
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65535, 'a port is at most 65535')
  .transform((text) => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
  })
  .describe('host:port; port 0 takes a free one.');

export const server = z
  .strictObject({
    listen: address.prefault('127.0.0.1:8080'),
    externalUrl: baseUrl
      .exactOptional()
      .describe('What identity providers call; Location headers come from here, never from Host.'),
    tls: z
      .strictObject({ cert: z.string().min(1), key: z.string().min(1) })
      .exactOptional()
      .describe('PEM files: certificate chain and private key.'),
    behindProxy: z.array(cidr).min(1).exactOptional().describe('Proxies in front whose X-Forwarded-For is believed.'),
  })
  .describe('Where the service listens.');

export const limits = z
  .strictObject({
    body: size
      .refine((bytes) => bytes >= 1024 && bytes <= 256 * 1024 ** 2, 'a size from 1KB to 256MB')
      .prefault('16MB'),
    jsonDepth: z.int().min(4).max(256).default(32),
    filterLength: z.int().min(64).max(65_536).default(4096),
    filterDepth: z.int().min(2).max(256).default(32),
    credentialLifetime: durationOf('1h', '3660d')
      .prefault('731d')
      .describe('How long a token or client lives at most from when it is made.'),
  })
  .describe('Limits of what a SCIM client may send, and of its credentials.');

export const sync = z
  .strictObject({
    fullEvery: durationOf('1s').prefault('15m').describe('How often everything is read and compared.'),
    fingerprintEvery: durationOf('1s').prefault('60s').describe('How often a cheap digest is compared.'),
    timeout: durationOf('1s', '1h').prefault('60s').describe('Longest wait for one answer of a controller.'),
  })
  .describe('The reconciler.');

/** Times in milliseconds, sizes in bytes, `listen` taken apart. */
export type ServerConfig = z.output<typeof server>;
export type LimitsConfig = z.output<typeof limits>;
export type SyncConfig = z.output<typeof sync>;
