import type { Finding, Level } from '../access/finding.ts';
import type { Principal } from '../access/principal.ts';
import type { RoleKey } from '../access/role.ts';
import type { Claim, NoId, Wish } from './identities.ts';

type Problem = Exclude<NoId, 'inactive' | 'deleted' | 'connection'>;

const IDENTITY: { readonly [P in Problem]: { readonly finding: string; readonly remedy: string } } = {
  absent: {
    finding: 'has no value in the attribute that is the Jenkins id',
    remedy: 'Give the person that attribute, or change `identity.user` of the controller.',
  },
  reserved: {
    finding: 'asks for a name that can never be a person on Jenkins',
    remedy: 'Change the attribute at the identity provider.',
  },
  protected: {
    finding: 'asks for a protected id and is not mapped',
    remedy: 'Change the attribute, or take the id out of `protect` if it is meant to be managed.',
  },
  contested: {
    finding: 'asks for an id that belongs to somebody else',
    remedy: 'Look at both people; if the one who left is gone for good, wait for the certificate or release the id.',
  },
};

/** Why a person has no id, or not the one asked for. @param owing who beside the owner has not paid there (SCIM ids) */
export function identityFinding(
  problem: Problem,
  { person, wanted }: Wish,
  owner: Claim | undefined,
  owing: readonly string[],
): Finding {
  const id = wanted === undefined ? '' : ` (${wanted.id})`;
  const whose =
    problem === 'contested' && owner !== undefined
      ? `; the owner is ${owner.person} of ${owner.connection}${owner.state === 'leaving' ? ', who is leaving it' : ''}`
      : '';
  const others =
    problem === 'contested' && owing.length > 0
      ? `; ${owing.join(', ')} ${owing.length === 1 ? 'has' : 'have'} to be cut off there, too`
      : '';
  const text = IDENTITY[problem];
  return {
    code: `identity.${problem}`,
    level: 'warning',
    subject: person.userName,
    finding: `${person.userName} of ${person.connection} ${text.finding}${id}${whose}${others}.`,
    remedy: text.remedy,
    docs: 'docs/plans.md#who-is-called-what',
  };
}

/** Something about a role. */
export function roleFinding(code: string, level: Level, role: RoleKey, finding: string, remedy: string): Finding {
  return { code, level, subject: `${role.type} role ${role.name}`, finding, remedy, docs: 'docs/plans.md#which-roles' };
}

/** Something about an entry that the service does not touch. */
export function entryFinding(
  code: string,
  level: Level,
  { role, principal }: { readonly role: RoleKey; readonly principal: Principal },
  finding: string,
  remedy: string,
): Finding {
  return {
    code,
    level,
    subject: `${principal.type} ${principal.id} in ${role.type} role ${role.name}`,
    finding,
    remedy,
    docs: 'docs/plans.md#which-entries',
  };
}

/** Something about an id that somebody leaves. */
export function leaverFinding(code: string, { id }: { readonly id: string }, finding: string): Finding {
  return {
    code,
    level: 'error',
    subject: id,
    finding,
    remedy: 'Take it out of `protect` if the person is to lose everything.',
    docs: 'docs/plans.md#who-left',
  };
}

/** Findings without those that say the same of the same. */
export function eachOnce(findings: readonly Finding[]): Finding[] {
  const first = new Map<string, Finding>();
  for (const one of findings) {
    const key = `${one.code}\u0000${one.subject}\u0000${one.finding}`;
    if (!first.has(key)) first.set(key, one);
  }
  return [...first.values()];
}
