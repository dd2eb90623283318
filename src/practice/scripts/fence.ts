import type { Home } from '../state/home.ts';

/** Whether a higher fence of the same lineage was seen; a fence that is not lower is remembered. */
export function fenceIsLow(home: Home, order: { readonly fence: number; readonly lineage: string }): boolean {
  const seen = home.fences.get(order.lineage) ?? 0;
  if (order.fence < seen) return true;
  home.fences.set(order.lineage, order.fence);
  return false;
}
