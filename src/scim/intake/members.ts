import { refuse } from '../../errors.ts';
import { twice } from '../json.ts';
import type { Dialect } from '../profiles/dialect.ts';
import { quoted } from '../quoted.ts';
import type { MemberRef, ResourceType } from '../resource.ts';

const LONGEST_ID = 256;

/**
 * Members as they are given in a body: objects with `value`, `type`, `display`, `$ref` (Entra sends null); plain ids where the
 * dialect takes shorthand. Duplicates are dropped, the first one stays. Whether they exist is for the directory to say.
 * @throws ScimError SCIM_VALUE, SCIM_SYNTAX
 */
export function readMembers(value: unknown, dialect: Dialect): MemberRef[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value) && !dialect.shorthand) throw refuse('SCIM_VALUE', { reason: 'members is a list' });
  if (!Array.isArray(value)) dialect.note('shorthand');
  const found: Found = { seen: new Set(), members: [] };
  collect(Array.isArray(value) ? value : [value], dialect, found);
  return found.members;
}

/** Members that are read in one turn of the event loop. */
const A_TURN = 10_000;

/**
 * `readMembers` of a body of a group that has very many, a turn of the event loop between its parts; undefined for all others.
 * @throws ScimError SCIM_VALUE, SCIM_SYNTAX
 */
export async function readLargeMembers(
  body: unknown,
  dialect: Dialect,
  pause: () => Promise<void>,
): Promise<MemberRef[] | undefined> {
  if (body === null || typeof body !== 'object') return undefined;
  const [list, ...others] = Object.entries(body).filter(([key]) => key.toLowerCase() === 'members');
  if (others.length > 0 || !Array.isArray(list?.[1]) || list[1].length <= A_TURN) return undefined;
  const found: Found = { seen: new Set(), members: [] };
  for (let at = 0; at < list[1].length; at += A_TURN) {
    collect(list[1].slice(at, at + A_TURN), dialect, found);
    await pause();
  }
  return found.members;
}

interface Found {
  readonly seen: Set<string>;
  readonly members: MemberRef[];
}

function collect(items: readonly unknown[], dialect: Dialect, { seen, members }: Found): void {
  for (const item of items) {
    const member = readMember(item, dialect);
    if (seen.has(member.value)) {
      dialect.note('repeated-value');
      continue;
    }
    seen.add(member.value);
    members.push(member);
  }
}

function readMember(item: unknown, dialect: Dialect): MemberRef {
  if (typeof item === 'string' && dialect.shorthand) {
    dialect.note('shorthand');
    return { value: readId(item) };
  }
  if (item === null || typeof item !== 'object' || Array.isArray(item))
    throw refuse('SCIM_VALUE', { reason: 'a member is an object with a value' });
  let value: unknown;
  let said: unknown;
  // Out of JSON, so every key is its own: there may be a hundred thousand of these.
  for (const key in item) {
    const part = (item as Record<string, unknown>)[key];
    const name = key === 'value' ? key : key.toLowerCase();
    if (name === 'value') {
      if (value !== undefined) throw twice('value of a member');
      value = part;
    } else if (name === 'type') {
      if (said !== undefined) throw twice('type of a member');
      said = part;
    }
  }
  const id = readId(value);
  return said === undefined || said === null || said === '' ? { value: id } : { value: id, type: readType(said) };
}

/** @throws ScimError SCIM_VALUE */
export function readId(value: unknown): string {
  if (typeof value !== 'string' || value === '')
    throw refuse('SCIM_VALUE', { reason: 'a member has no value (its id)' });
  if (value.length > LONGEST_ID || !value.isWellFormed())
    throw refuse('SCIM_VALUE', { reason: `a member's value is no id: ${quoted(value)}` });
  return value;
}

function readType(value: unknown): ResourceType {
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  if (word === 'user') return 'User';
  if (word === 'group') return 'Group';
  throw refuse('SCIM_VALUE', { reason: "a member's type is User or Group" });
}
