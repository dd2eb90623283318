import type { Home } from '../state/home.ts';

/** Why a fence is too low: a higher one of its lineage was seen. One that is not is remembered. */
export function lowFence(home: Home, order: { readonly fence: number; readonly lineage: string }): string | undefined {
  const seen = home.fences.get(order.lineage);
  if (seen !== undefined && order.fence < seen) return `the fence ${order.fence} is lower than ${seen}`;
  home.fences.set(order.lineage, order.fence);
  home.writers.set(order.lineage, home.now());
  return undefined;
}
