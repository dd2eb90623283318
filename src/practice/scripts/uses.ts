import type { TokenUses } from '../../access/ports/controller.ts';
import type { Home } from '../state/home.ts';

/** While the statistics are off, Jenkins shows what was never used (ApiTokenStats.findTokenStatsById). */
export function usesOf(home: Home, id: string): TokenUses {
  const counted = home.usageStatistics;
  const tokens = home.people.get(id)?.tokens ?? [];
  return { counted, tokens: tokens.map(({ uuid, uses = 0 }) => ({ uuid, uses: counted ? uses : 0 })) };
}
