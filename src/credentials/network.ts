import { BlockList, isIP } from 'node:net';

/** A CIDR as it is stored: in small letters, prefix always written; undefined where the text is none. */
export function parseNetwork(text: string): string | undefined {
  const [, address = '', length] = /^([0-9A-Fa-f:.]{2,45})(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const family = isIP(address);
  const longest = family === 4 ? 32 : 128;
  const prefix = length === undefined ? longest : Number(length);
  return family === 0 || prefix > longest ? undefined : `${address.toLowerCase()}/${prefix}`;
}

/** Whether an address is in one of the networks. IPv4 that comes as `::ffff:a.b.c.d` is IPv4; what is no address is nowhere. */
export function inside(networks: readonly string[], address: string | undefined): boolean {
  const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  const family = isIP(plain);
  if (family === 0) return false;
  const list = new BlockList();
  for (const network of networks) {
    const [start = '', prefix] = network.split('/');
    list.addSubnet(start, Number(prefix), isIP(start) === 4 ? 'ipv4' : 'ipv6');
  }
  return list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}
