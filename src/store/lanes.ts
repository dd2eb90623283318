interface Laned {
  readonly lane?: string;
}

/**
 * Takes up to so many out of what waits: lanes take turns, in the order of their oldest, and each keeps its own order. So whoever
 * keeps hundreds of writes waiting stands before one write of somebody else with one of them. What is left keeps its order.
 */
export function takeTurns<T extends Laned>(waiting: T[], most: number): T[] {
  const lanes = Map.groupBy(waiting, ({ lane }) => lane);
  if (lanes.size <= 1) return waiting.splice(0, most);
  const queues = [...lanes.values()];
  const taken = new Set<T>();
  for (let round = 0; taken.size < most && taken.size < waiting.length; round++)
    for (const queue of queues) {
      const one = queue[round];
      if (one !== undefined && taken.size < most) taken.add(one);
    }
  const left = waiting.filter((one) => !taken.has(one));
  waiting.splice(0, waiting.length, ...left);
  return [...taken];
}
