import { createHash } from 'node:crypto';
import type { OlderReply } from '../../jenkins/scripts/older.ts';
import type { Home } from '../state/home.ts';
import { type Person, tokensOf } from '../state/person.ts';

interface Order {
  readonly ids: readonly string[];
  readonly shown: number;
  readonly named: number;
}

/** What ids hold, of those that have a record, saved or not. */
export function olderAsked(home: Home, { ids, shown, named }: Order): { known: OlderReply[]; rest: string[] } {
  const known: OlderReply[] = [];
  let seen = 0;
  let count = 0;
  for (const id of ids) {
    if (count > named) break;
    seen++;
    const person = home.people.get(id);
    if (person === undefined) continue;
    const told = credentialsOf(home, id, person, shown);
    count += 1 + told.tokens.length + told.sshKeys.length;
    known.push(told);
  }
  return { known, rest: ids.slice(seen) };
}

function credentialsOf(home: Home, id: string, person: Person, shown: number): OlderReply {
  // Jenkins lists them by name, without regard to case (topic 33).
  const tokens = tokensOf(person).toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  const folded = home.folded(id);
  return {
    id,
    record: person.id,
    tokens: tokens.slice(0, shown).map(({ uuid, name, legacy, created, lastUse }) => ({
      ...{ uuid, name: name.slice(0, 200), legacy, created: created ?? null, lastUse: lastUse ?? null },
    })),
    tokenCount: tokens.length,
    sshKeys: person.sshKeys.slice(0, shown).map(keyOf),
    sshKeyCount: person.sshKeys.length,
    sshSessions: home.sessions.ssh.filter(({ user }) => home.folded(user) === folded).length,
    password: person.password !== undefined,
    credentials: person.credentials,
    error: null,
  };
}

/** As OpenSSH writes it, of what Java's decoder takes for Base64. */
function keyOf(line: string): OlderReply['sshKeys'][number] {
  const words = line.trim().split(/\s+/);
  const at = words.findIndex((word) => /^(ssh|ecdsa|sk)-[A-Za-z0-9@.-]+$/.test(word));
  const type = at < 0 ? '' : words[at]!.slice(0, 100);
  const blob = at < 0 ? undefined : words[at + 1];
  if (blob === undefined || !isBase64(blob)) return { type, fingerprint: null };
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64');
  return { type, fingerprint: `SHA256:${digest.replace(/=+$/, '')}` };
}

function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) && (text.includes('=') ? text.length % 4 === 0 : text.length % 4 !== 1);
}
