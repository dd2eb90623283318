import { canonical } from '../access/canonical.ts';
import { didYouMean } from '../config/nearest.ts';
import { networkProblem, parseNetwork } from '../config/network.ts';
import { refuse } from '../errors.ts';
import { type ClientOrder, SCIM_SCOPES, type TokenOrder } from './credentials.ts';
import { readPublicKeys } from './publicKeys.ts';

/** An order with everything filled in. */
interface CheckedOrder {
  readonly connection: string | null;
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  readonly networks: readonly string[];
  /** JWK set as text. */
  readonly jwks: string | null;
}

const MOST_NETWORKS = 50;
const DAY_MS = 86_400_000;
/** Two years, and a day for a leap year. */
export const LONGEST_LIFE = 731 * DAY_MS;

/** What is asked for, of whatever kind. */
export type Order = TokenOrder & Pick<ClientOrder, 'publicKeys'>;

/** Refuses what would be a token of no use or of too much. `now` and `longest`, for how long it may live, in milliseconds. @throws ScimError AUTH_ORDER */
export function checkOrder(order: Order, now: number, longest: number): CheckedOrder {
  const { connection, expiresAt } = order;
  const scopes = [...new Set((order.scopes ?? (ofProvider(order) ? SCIM_SCOPES : [])).flatMap(expanded))].sort();
  const networks = (order.networks ?? []).map(network);
  const reason = problem(order, scopes, now) ?? tooLong(order, now, longest);
  if (reason !== undefined) refused(reason);
  return {
    connection: connection ?? null,
    scopes,
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    networks: [...new Set(networks)].sort(),
    jwks: order.publicKeys === undefined ? null : publicKeys(order.publicKeys),
  };
}

function ofProvider({ kind }: Order): boolean {
  return kind === 'scim' || kind === 'client';
}

/** `users` is reading and writing of users, `read` is reading of both. */
function expanded(scope: string): string[] {
  return /^(users|groups|read|write)$/.test(scope)
    ? SCIM_SCOPES.filter((known) => known.split(':').includes(scope))
    : [scope];
}

function problem(order: Order, scopes: readonly string[], now: number): string | undefined {
  const { kind, connection, expiresAt, networks = [] } = order;
  const known: readonly string[] = ofProvider(order) ? SCIM_SCOPES : [];
  const foreign = scopes.find((scope) => !known.includes(scope));
  const name = kind === 'client' ? 'an OAuth client' : kind === 'scim' ? 'a SCIM token' : `a ${kind} token`;
  if (ofProvider(order) && (connection === undefined || connection === '')) return `${name} belongs to a connection`;
  if (!ofProvider(order) && connection !== undefined) return `${name} belongs to no connection`;
  if (foreign !== undefined)
    return `the scope ${foreign} is unknown; known: ${known.join(', ') || 'none'}${didYouMean(foreign, known)}`;
  if (ofProvider(order) && scopes.length === 0) return 'it would have no scope';
  if (expiresAt !== undefined && !(Date.parse(expiresAt) > now)) return 'its expiry is not an instant to come';
  if (networks.length > MOST_NETWORKS) return `it has more than ${MOST_NETWORKS} networks`;
  if (order.publicKeys !== undefined && kind !== 'client') return 'only an OAuth client has a public key';
  return undefined;
}

function tooLong({ expiresAt }: Order, now: number, longest: number): string | undefined {
  if (expiresAt === undefined || Date.parse(expiresAt) - now <= longest) return undefined;
  return `it would live for more than the ${Math.floor(longest / DAY_MS)} days that \`limits.credentialLifetime\` allows`;
}

function network(text: string): string {
  const reason = networkProblem(text);
  return reason === undefined ? (parseNetwork(text) ?? text) : refused(`${text} names no network: ${reason}`);
}

function publicKeys(text: string): string {
  try {
    return canonical(readPublicKeys(text));
  } catch (error) {
    return refused((error as Error).message);
  }
}

function refused(reason: string): never {
  throw refuse('AUTH_ORDER', { reason });
}
