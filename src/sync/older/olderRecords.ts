import type { OlderCredentials } from '../../access/ports/controller.ts';
import type { LedgerEvent } from '../../access/ports/recorder.ts';
import type { NewLinksTable } from '../../store/tables/sync.ts';
import type { OlderLink } from './olderListed.ts';

type Linked = Pick<NewLinksTable, 'id' | 'person' | 'former_connection' | 'taken'>;

/** What somebody was linked to, as evidence: numbers, ids of tokens and dates; names and fingerprints apart, erasable. */
export function olderRecord(controller: string, row: Linked, held: OlderCredentials): LedgerEvent {
  const { tokens, tokenCount, sshKeys, sshKeyCount, sshSessions, password, credentials, error } = held;
  const stamp = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
  const prints = sshKeys.flatMap(({ fingerprint }) => fingerprint ?? []);
  return {
    kind: 'identity.older',
    actor: 'sync',
    subject: { kind: 'user', id: row.person },
    body: {
      controller,
      takenOver: row.taken === 1,
      ...(row.former_connection === null ? {} : { former: row.former_connection }),
      tokens: tokens.map(({ uuid, legacy, created, lastUse }) => ({
        ...{ uuid, legacy, createdAt: stamp(created), lastUseAt: stamp(lastUse) },
      })),
      ...{ tokenCount, sshKeys: sshKeyCount, sshSessions, password, credentials },
      ...(error === undefined ? {} : { error }),
    },
    personal: {
      jenkinsId: row.id,
      ...(tokens.length === 0 ? {} : { tokenNames: JSON.stringify(tokens.map(({ name }) => name)) }),
      ...(prints.length === 0 ? {} : { sshKeys: JSON.stringify(prints) }),
    },
  };
}

/** That somebody looked at what an id held, and left it. */
export function keptRecord(link: OlderLink, actor: string): LedgerEvent {
  const { controller, id, person, takenOver, tokenCount, sshKeyCount, sshSessions, credentials } = link;
  return {
    kind: 'identity.older-kept',
    actor,
    subject: { kind: 'user', id: person },
    body: { controller, takenOver, tokens: tokenCount, sshKeys: sshKeyCount, sshSessions, credentials },
    personal: { jenkinsId: id },
  };
}

/** That a controller was asked about people who were linked to their ids before anybody asked; without a person, about all. */
export function askedRecord(controller: string, person: string | undefined, ids: number, actor: string): LedgerEvent {
  const subject =
    person === undefined ? ({ kind: 'controller', id: controller } as const) : ({ kind: 'user', id: person } as const);
  return { kind: ASKED, actor, subject, body: { controller, ids } };
}

export const ASKED = 'identity.older-asked';
