import type { Reason } from '../../access/reason.ts';
import { type RoleKey, roleKey } from '../../access/role.ts';
import { followsFromGroups } from '../../plan/guard/always.ts';
import type { DesiredGrant } from '../../policy/evaluation.ts';
import type { Assessment } from '../pass/assessment.ts';
import { roleOf } from '../state/rows.ts';

/**
 * By which deleted groups somebody keeps what another one gives now: those that stood behind it when they went, until what their deletion
 * takes from others is released.
 */
export function stillFrozen({
  evaluation,
  situation: { entries, facts },
  verdict,
}: Pick<Assessment, 'evaluation' | 'situation' | 'verdict'>): (grant: DesiredGrant) => readonly Reason[] {
  if (evaluation.beside.length === 0) return () => [];
  const holders = facts.holders ?? new Map<string, ReadonlySet<string>>();
  const released = new Set<string>();
  for (const step of verdict.go)
    if (followsFromGroups(step))
      for (const { groupId = '' } of step.reasons)
        if (holders.get(groupId)?.has(step.person ?? '') === true) released.add(groupId);
  const nameOf = (person: string, role: RoleKey): string => `${person}\u0000${roleKey(role)}`;
  const stood = new Map<string, Set<string>>();
  const beside = new Set(evaluation.beside.map(({ person = '', role }) => nameOf(person, role)));
  for (const row of entries) {
    const name = nameOf(row.person ?? '', roleOf(row));
    if (!beside.has(name)) continue;
    const groups = stood.get(name) ?? new Set();
    stood.set(name, groups);
    for (const { groupId } of JSON.parse(row.reasons) as Reason[]) if (groupId !== undefined) groups.add(groupId);
  }
  return ({ person = '', role, reasons }) =>
    reasons.filter(
      ({ groupId = '' }) =>
        holders.has(groupId) && !released.has(groupId) && stood.get(nameOf(person, role))?.has(groupId) === true,
    );
}
