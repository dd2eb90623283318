import { shellWord } from '../../doctor/shellWord.ts';
import type { OlderAsked, OlderEntry, OlderList } from '../answers.ts';
import { fitted, printableLine } from '../printable.ts';

/** What people were linked to, for people: whose id, what is there, and what to do about it. */
export function olderText({ older, unasked }: OlderList): string {
  const waiting = unasked.map(
    ({ controller, ids }) =>
      `${controller} has not told yet what ${ids} newly linked id(s) held; it is asked again: jenkins-scim sync --controller ${shellWord(controller)}\n`,
  );
  if (older.length === 0) return waiting.length === 0 ? 'Nothing is older than its link.\n' : fitted(waiting.join(''));
  const example = shellWord(older[0]!.user);
  const next = [
    `They are theirs: jenkins-scim older keep ${example}`,
    `They may be somebody else's: jenkins-scim older revoke ${example}`,
    ...(older.some(({ credentials }) => credentials > 0)
      ? ['Credentials of a user stay, whatever is said here: delete them on Jenkins where they are of somebody else']
      : []),
  ];
  return fitted([...older.map(block), ...waiting, ...next.map((line) => `${line}\n`)].join(''));
}

/** The same behind what was asked. */
export function askedText({ asked, ...list }: OlderAsked): string {
  const lines = asked.map(({ controller, ids, error }) =>
    error === undefined ? `${controller}: asked about ${ids} id(s)\n` : `${controller}: ${error}\n`,
  );
  return lines.join('') + olderText(list);
}

function block(entry: OlderEntry): string {
  const { controller, id, user, connection, former, takenOver, linkedAt } = entry;
  const from = former === undefined ? '' : `, the id of somebody of ${former} before`;
  const head = `${controller}  ${id}  ${user} of ${connection}${takenOver ? '  TAKEN OVER' : ''}`;
  const lines = [`linked ${linkedAt}${from}`, summary(entry), ...tokens(entry), ...keys(entry)];
  return `${printableLine(head)}\n${lines.map((line) => `  ${printableLine(line)}\n`).join('')}`;
}

function summary({ record, tokenCount, sshKeyCount, sshSessions, password, credentials, error }: OlderEntry): string {
  if (error !== undefined) return `the record ${record} could not be read: ${error}`;
  const parts = [
    `${tokenCount} token(s)`,
    `${sshKeyCount} SSH key(s)`,
    `${sshSessions} open SSH or CLI connection(s)`,
    ...(password ? ['a local password'] : []),
    ...(credentials > 0 ? [`${credentials} credential(s) of the user`] : []),
  ];
  return `the record ${record} holds ${parts.join(', ')}`;
}

function tokens({ tokens: shown, tokenCount }: OlderEntry): string[] {
  const lines = shown.map(({ name, legacy, createdAt, lastUsedAt }) => {
    const made = createdAt === undefined ? '' : `, made ${createdAt}`;
    return `token ${name}${legacy ? ' (legacy)' : ''}${made}, ${lastUsedAt === undefined ? 'never used' : `last used ${lastUsedAt}`}`;
  });
  return tokenCount > shown.length ? [...lines, `and ${tokenCount - shown.length} more token(s)`] : lines;
}

function keys({ sshKeys, sshKeyCount }: OlderEntry): string[] {
  const lines = sshKeys.map(({ type, fingerprint }) => `key ${type} ${fingerprint ?? '(not readable)'}`);
  return sshKeyCount > sshKeys.length ? [...lines, `and ${sshKeyCount - sshKeys.length} more key(s)`] : lines;
}
