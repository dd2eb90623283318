import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** The address of the client: of the socket, or what a configured proxy says. Some proxies write a port behind it. */
export function clientOf(request: Pick<FastifyRequest, 'ip'>): string {
  return address(request.ip);
}

/** An address as it is; `unknown` for anything else that a proxy may have passed on. */
export function address(text: string): string {
  if (isIP(text) !== 0) return text;
  const bare = /^\[([0-9a-fA-F:.%]{2,64})\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]{7,15}):\d{1,5}$/.exec(text)?.[1];
  return bare !== undefined && isIP(bare) !== 0 ? bare : 'unknown';
}
