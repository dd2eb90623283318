import { CONTROLLERS } from '../chaos/controllers.ts';
import { ROLES } from '../chaos/known.ts';
import type { Walker } from '../chaos/walker.ts';

/**
 * What is stored in the end, was told, and stands on the controllers, a line each. Times and ids that are made up are left out, and who
 * carried something out: what an operator's order began is settled by the service itself.
 */
export async function print(walker: Walker): Promise<string[]> {
  const { house, oracle, standing } = walker;
  const names = new Map<string, string>();
  for (const [at, id] of [...oracle.people.keys()].entries()) names.set(id, `person ${at}`);
  for (const [at, id] of [...oracle.groups.keys()].entries()) names.set(id, `group ${at}`);
  const plain = (text: string): string =>
    text
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => names.get(id) ?? 'id')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
      .replace(/\b[0-9a-f]{64}\b/g, 'digest');
  const lines: string[] = [];
  const add = (table: string, rows: readonly unknown[]): void => {
    for (const row of rows) lines.push(plain(`${table} ${JSON.stringify(row)}`));
  };
  await house.store.read(async (db) => {
    add('dirty', await db.selectFrom('dirty').select(['kind', 'id']).execute());
    add('pending', await db.selectFrom('pending').select(['controller', 'kind', 'id']).execute());
    const entries = db.selectFrom('entries').select(['role_name', 'entry_type', 'sid', 'standing', 'person']);
    add('entries', await entries.select(['desired', 'verified', 'reasons']).execute());
    add('owned_roles', await db.selectFrom('owned_roles').select(['role_type', 'role_name']).execute());
    add('claims', await db.selectFrom('claims').select(['folded_id', 'id', 'person', 'state']).execute());
    add('new_links', await db.selectFrom('new_links').select(['id', 'person', 'former_person', 'found']).execute());
    add('bindings', await db.selectFrom('bindings').select(['connection', 'name_key', 'group_id']).execute());
    add('expired', await db.selectFrom('expired').select('key').execute());
    add('held', await db.selectFrom('held').select(['step', 'ceiling', 'state']).execute());
    add('ordered_leavers', await db.selectFrom('ordered_leavers').select('person').execute());
    add('policies', await db.selectFrom('policies').select('digest').execute());
    add('guard_events', await db.selectFrom('guard_events').select(['kind', 'key', 'person', 'state']).execute());
    const undone = db.selectFrom('commands').select(['kind', 'state']).where('state', 'in', ['waiting', 'running']);
    add('commands', await undone.execute());
    const debts = db.selectFrom('debts').select(['folded_id', 'person', 'cause', 'state']);
    add('debts', await debts.select(['missing', 'residual', 'released']).execute());
    add('users', await db.selectFrom('users').select(['id', 'user_name', 'active']).execute());
    add('members', await db.selectFrom('members').select(['group_id', 'member_id']).execute());
    const records = db.selectFrom('ledger').leftJoin('ledger_personal', 'ledger_personal.uid', 'ledger.uid');
    for (const row of await records.select(['kind', 'subject_id', 'body', 'content']).execute()) {
      const { controller, role, cause } = JSON.parse(row.body) as Record<string, unknown>;
      const { jenkinsId } = JSON.parse(row.content ?? '{}') as { readonly jenkinsId?: string };
      add('ledger', [[row.kind, row.subject_id, jenkinsId, controller, role, cause]]);
    }
  });
  for (const name of CONTROLLERS.filter((one) => !walker.out.has(one))) {
    const { look } = house.practices[name];
    for (const [key, count] of standing.entries(name)) add(`on ${name}`, [[key, count]]);
    for (const type of ['global', 'item'] as const)
      add(
        `on ${name}`,
        look.roles(type).filter((role) => ROLES.includes(role.name)),
      );
    for (const { userName } of oracle.people.values()) {
      const { tokens, sshKeys, sshSessions } = look.person(userName);
      add(`on ${name}`, [[userName, tokens, sshKeys, sshSessions]]);
    }
  }
  return lines;
}

/**
 * What may be there more or less often: an attempt that failed is told; what a name was given up for is given up anew as long as the mark of it
 * waits; sessions are ended once more where that took long enough; and a rename that is made in two attempts counts as gains.
 */
const AS_OFTEN = /^(ledger \["([a-z.-]+\.(failed|again)|old-id\.complete)"|guard_events \{"kind":"grant-gained")/;

/** What is in one and not in the other, as often. */
export function difference(was: readonly string[], is: readonly string[]): string[] {
  const [before, now] = [counted(was), counted(is)];
  return [...new Set([...was, ...is])].flatMap((line) => {
    const [one = 0, other = 0] = [before.get(line), now.get(line)];
    const isFine = one === other || (AS_OFTEN.test(line) && other > 0);
    return isFine ? [] : [`${line}: ${other} instead of ${one}`];
  });
}

function counted(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
