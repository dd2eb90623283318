/** The version with typed entries (jenkins.md §0.2). */
const OLDEST = 657;

export const CLASS = 'com.michelin.cio.hudson.plugins.rolestrategy.RoleBasedAuthorizationStrategy';

/** Why a Jenkins does not start whose strategy is of a plugin that it does not load. */
export const NOT_LOADED =
  'Jenkins does not start: its authorization strategy is role-strategy, and that plugin is disabled or missing';

/** Why this driver cannot work on a controller; undefined where it can. */
export function strategyProblem(facts: {
  readonly strategy: string;
  readonly plugins: Readonly<Record<string, string>>;
}): string | undefined {
  const version = facts.plugins['role-strategy'];
  if (version === undefined) return 'the plugin role-strategy is not installed, or disabled';
  // 3.2.0 and older are counted otherwise than 657.v398b_8a_279c49 and newer.
  if (Number.parseInt(version, 10) < OLDEST) return `role-strategy ${version} is older than ${OLDEST}`;
  return facts.strategy === CLASS ? undefined : notActive(facts.strategy);
}

/** The sentence for a strategy that is another one. */
export function notActive(strategy: string): string {
  return `the authorization strategy is ${strategy.replace(/^.*\./, '')}, not role-strategy`;
}
