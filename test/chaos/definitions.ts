import type { ControllerName } from './controllers.ts';
import { ABOVE } from './policies.ts';
import { roleOf, type Standing, typeOf } from './standing.ts';
import { GAINS, UPDATES, type Waits } from './waits.ts';

/** Roles that somebody has to have and that are defined otherwise than the policy says. */
export function definitions(
  standing: Standing,
  name: ControllerName,
  there: ReadonlyMap<string, number>,
  waits: Waits,
): string[] {
  const problems: string[] = [];
  for (const [key, { must }] of standing.wanted[name]) {
    const role = roleOf(key);
    if (!must || role === 'qa' || !there.has(key)) continue;
    const found = standing.house.practices[name].look.roles(typeOf(role)).find((one) => one.name === role);
    const expected = permissionsOf(standing, role);
    if (waits.isHeld('update-role', `${role} `, standing.tight ? UPDATES.union(GAINS) : UPDATES)) continue;
    if (`${[...(found?.permissions ?? [])].sort()}` !== `${expected}`)
      problems.push(
        `${name}: ${role} is defined as ${found?.permissions} instead of ${expected}; ${waits.by('update-role', `${role} `) ?? 'nothing'} holds it`,
      );
    const pattern = patternOf(standing, role);
    if (pattern !== undefined && found?.pattern !== pattern)
      problems.push(`${name}: ${role} matches ${found?.pattern} instead of ${pattern}`);
  }
  return problems;
}

function permissionsOf({ oracle }: Standing, role: string): string[] {
  if (role === 'administrator') return ['hudson.model.Hudson.Administer'];
  if (['browser', 'auditor', 'examiner'].includes(role)) {
    const more = oracle.shape.discover ? ['hudson.model.Item.Discover'] : [];
    return ['hudson.model.Hudson.Read', ...more, 'hudson.model.View.Read'];
  }
  if (role === ABOVE) return ['hudson.model.Item.Read'];
  return [
    'hudson.model.Item.Build',
    ...(oracle.shape.moreForDevelopers ? ['hudson.model.Item.Cancel'] : []),
    'hudson.model.Item.Read',
  ];
}

/** Undefined where there is none. */
function patternOf({ oracle }: Standing, role: string): string | undefined {
  if (typeOf(role) === 'global') return undefined;
  const above = oracle.shape.parents ? 'teams/' : '';
  return role === ABOVE ? '\\Qteams\\E' : `\\Q${above}${role.slice(0, -'-developer'.length)}\\E($|/.*)`;
}
