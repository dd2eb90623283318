/** How alike two names are, 0 to 1: the share of letter pairs they have in common (Dice). Linear in their length. */
export function similarity(a: string, b: string): number {
  const [left, right] = [pairs(a), pairs(b)];
  const total = count(left) + count(right);
  if (total === 0) return a === b ? 1 : 0;
  let common = 0;
  for (const [pair, times] of left) common += Math.min(times, right.get(pair) ?? 0);
  return (2 * common) / total;
}

function pairs(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (let at = 0; at + 1 < Math.min(text.length, 256); at++) {
    const pair = text.slice(at, at + 2).toLowerCase();
    found.set(pair, (found.get(pair) ?? 0) + 1);
  }
  return found;
}

function count(found: ReadonlyMap<string, number>): number {
  return [...found.values()].reduce((sum, times) => sum + times, 0);
}
