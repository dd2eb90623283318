import { BlockList, isIP } from 'node:net';

/** Whether an address is in one of the networks. IPv4 that comes as `::ffff:a.b.c.d` is IPv4 (BlockList); what is no address is nowhere. */
export function inside(networks: readonly string[], address = ''): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  const list = new BlockList();
  for (const network of networks) {
    const [start = '', prefix] = network.split('/');
    list.addSubnet(start, Number(prefix), isIP(start) === 4 ? 'ipv4' : 'ipv6');
  }
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
