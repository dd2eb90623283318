import type { Capabilities } from '../access/ports/controller.ts';
import type { IdStrategy } from '../access/principal.ts';
import type { ProbeReply } from './scripts/probe.ts';

const ID_STRATEGIES: Readonly<Record<string, IdStrategy>> = {
  CaseInsensitive: 'case-insensitive',
  CaseSensitive: 'case-sensitive',
  CaseSensitiveEmailAddress: 'email',
};

/**
 * Capabilities out of the raw facts, or why they cannot be used.
 * @param lineage of our own database; without one nobody is told from ourselves
 */
export function judgeProbe(
  { writers, ...facts }: ProbeReply,
  session: string,
  time: number,
  lineage = '',
): { readonly capabilities: Capabilities } | { readonly problem: string } {
  const userIds = ID_STRATEGIES[facts.userIds];
  const groupIds = ID_STRATEGIES[facts.groupIds];
  if (userIds === undefined) return { problem: `its realm compares user ids by ${facts.userIds}, which is not known` };
  if (groupIds === undefined) return { problem: `its realm compares groups by ${facts.groupIds}, which is not known` };
  const permissions = facts.permissions.map(({ impliedBy, ...permission }) =>
    Object.freeze(impliedBy === null ? permission : { ...permission, impliedBy }),
  );
  const jcasc = facts.jcasc === null ? 'absent' : facts.jcasc.roles ? 'roles' : 'no-roles';
  const others = lineage === '' ? [] : writers.filter((writer) => writer.lineage !== lineage);
  const otherWriters = Object.freeze(others.map(({ at }) => at));
  const judged = { ...facts, session, time, userIds, groupIds, permissions, jcasc, otherWriters } as const;
  return { capabilities: Object.freeze(judged) };
}
