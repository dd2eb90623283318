/** Uses of each token, by uuid. */
export type UsesByToken = Readonly<Record<string, number>>;

/** Uses between two looks, how many of them were not ours, and the tokens that were used. */
interface OthersUses {
  readonly used: number;
  readonly count: number;
  readonly tokens: readonly string[];
}

/**
 * What a controller counted beyond what we sent, of the tokens that were there at both looks: who made one meanwhile must not hide what
 * the others did by that. Undefined where a token was used less often than before, because the controller came back from a backup.
 * @param sent requests of ours between the looks, at most
 */
export function othersUses(before: UsesByToken, now: UsesByToken, sent: number): OthersUses | undefined {
  const tokens: string[] = [];
  let used = 0;
  for (const [uuid, uses] of Object.entries(now)) {
    const known = before[uuid];
    if (known === undefined) continue;
    if (uses < known) return undefined;
    if (uses > known) tokens.push(uuid);
    used += uses - known;
  }
  return { used, count: Math.max(0, used - sent), tokens };
}
