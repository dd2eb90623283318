import { lookup as resolve } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const forbidden = new BlockList();
forbidden.addSubnet('169.254.0.0', 16, 'ipv4');
forbidden.addSubnet('fe80::', 10, 'ipv6');
// Metadata services outside the link-local ranges: AWS over IPv6, Alibaba, Azure's wire server.
forbidden.addAddress('fd00:ec2::254', 'ipv6');
forbidden.addAddress('100.100.100.200', 'ipv4');
forbidden.addAddress('168.63.129.16', 'ipv4');

/** Whether an IP address is one that no controller has: link-local, or a cloud's metadata service. Others are not judged. */
export function isForbiddenAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(bare);
  return family !== 0 && forbidden.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}

/** Raised at connect, after DNS. */
export class ForbiddenAddress extends Error {
  readonly code = 'FORBIDDEN_ADDRESS';

  constructor(host: string, address: string) {
    super(`${host} is ${address}, a link-local or metadata address`);
  }
}

/** dns.lookup that refuses forbidden addresses; for the `lookup` option of a socket. */
export const guardedLookup: LookupFunction = (host, options, done) => {
  resolve(host, options, (error, address, family) => {
    if (error !== null) return done(error, address, family);
    const all = typeof address === 'string' ? [address] : (address as { address: string }[]).map((one) => one.address);
    const wrong = all.find(isForbiddenAddress);
    if (wrong !== undefined) return done(new ForbiddenAddress(host, wrong), '', 0);
    done(null, address, family);
  });
};
