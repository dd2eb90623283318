import { BlockList, isIP } from 'node:net';

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
