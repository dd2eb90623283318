import { isIP } from 'node:net';

/** How a network is written; whether it is one `networkProblem` tells. */
export const NETWORK = /^([0-9A-Fa-f:.]{2,45})(?:\/(\d{1,3}))?$/;

export const NO_NETWORK = 'write an address or a CIDR, e.g. 10.0.0.0/8';

interface Network {
  readonly address: string;
  /** Of the address; the prefix says how many of them count. */
  readonly bits: 32 | 128;
  readonly prefix: number;
}

/** A CIDR as it is stored: in small letters, prefix always written; undefined where the text is none. */
export function parseNetwork(text: string): string | undefined {
  const network = read(text.trim());
  return network === undefined ? undefined : written(network);
}

/** The same network by its first address, as `10.0.0.0/8` for `10.0.0.5/8`. */
export function wholeNetwork(text: string): string {
  const network = read(text);
  return network === undefined ? text : written({ ...network, address: firstOf(network) });
}

/**
 * Why a text names no network, or two: with bits behind the prefix people mean the network or the one address, which is a difference of
 * up to all addresses there are. Undefined where it names one.
 */
export function networkProblem(text: string): string | undefined {
  const network = read(text.trim());
  if (network === undefined) return NO_NETWORK;
  const { address, bits } = network;
  if (numberOf(address, bits) === numberOf(firstOf(network), bits)) return undefined;
  return `write ${wholeNetwork(text.trim())} for the network, or ${address} for the address alone`;
}

function read(text: string): Network | undefined {
  const [, address = '', length] = NETWORK.exec(text) ?? [];
  const bits = { 0: undefined, 4: 32, 6: 128 }[isIP(address)] as 32 | 128 | undefined;
  const prefix = length === undefined ? bits : Number(length);
  if (bits === undefined || prefix === undefined || prefix > bits) return undefined;
  return { address: address.toLowerCase(), bits, prefix };
}

function written({ address, prefix }: Network): string {
  return `${address}/${prefix}`;
}

function firstOf({ address, bits, prefix }: Network): string {
  const behind = BigInt(bits - prefix);
  return textOf((numberOf(address, bits) >> behind) << behind, bits);
}

function numberOf(address: string, bits: 32 | 128): bigint {
  const [parts, size] = bits === 32 ? [address.split('.').map(Number), 8n] : [groupsOf(address), 16n];
  return parts.reduce((sum, part) => (sum << size) | BigInt(part), 0n);
}

/** The eight groups of an IPv6 address. A URL writes each of its forms in hexadecimal groups. */
function groupsOf(address: string): number[] {
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = plain.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
}

function textOf(value: bigint, bits: 32 | 128): string {
  const [count, size] = bits === 32 ? [4, 8] : [8, 16];
  const parts = Array.from({ length: count }, (_, at) =>
    Number(BigInt.asUintN(size, value >> BigInt((count - 1 - at) * size))),
  );
  if (bits === 32) return parts.join('.');
  return new URL(`http://[${parts.map((part) => part.toString(16)).join(':')}]`).hostname.slice(1, -1);
}
