/** Most resources of one circle: they are stored in one transaction, which others wait for. */
export const MOST_IN_CIRCLE = 20;

/** What has to be done before an operation, as places in the request; it may wait for itself. */
type Waiting = readonly (readonly number[])[];

/**
 * Puts operations into an order in which each comes after all that it waits for: one that refers ahead is put off, all others keep
 * their place. Operations that wait for each other in a circle are one unit; `circular` tells it, also of one that waits for itself.
 * Linear in operations and references, apart from a scan of the units for each.
 */
export function bulkOrder(waiting: Waiting): readonly Unit[] {
  const circles = components(waiting);
  const unitOf = new Map(circles.flatMap((members, unit) => members.map((member) => [member, unit] as const)));
  const before = circles.map(
    (members, unit) =>
      new Set(
        members.flatMap((member) => waiting[member]!.map((other) => unitOf.get(other)!)).filter((u) => u !== unit),
      ),
  );
  const after: number[][] = circles.map(() => []);
  for (const [unit, others] of before.entries()) for (const other of others) after[other]!.push(unit);
  const left = before.map((others) => others.size);
  const first = circles.map((members) => members[0]!);
  const byPlace = circles.map((_, unit) => unit).sort((a, b) => first[a]! - first[b]!);
  const units: Unit[] = [];
  const waitingUnits = new Set(byPlace);
  while (waitingUnits.size > 0) {
    const next = firstReady(waitingUnits, left);
    waitingUnits.delete(next);
    for (const unit of after[next]!) left[unit]! -= 1;
    const members = circles[next]!;
    units.push({ members, circular: members.length > 1 || waiting[members[0]!]!.includes(members[0]!) });
  }
  return units;
}

/** Operations to be done together, by their place in the request, ascending. */
export interface Unit {
  readonly members: readonly number[];
  readonly circular: boolean;
}

function firstReady(units: ReadonlySet<number>, left: readonly number[]): number {
  for (const unit of units) if (left[unit] === 0) return unit;
  throw new Error('circles were not joined');
}

/** Strongly connected components (Tarjan), without recursion; members ascending. */
function components(waiting: Waiting): number[][] {
  const found: number[][] = [];
  const index = new Map<number, number>();
  const low = new Map<number, number>();
  const open = new Set<number>();
  const stack: number[] = [];
  for (const start of waiting.keys()) {
    if (index.has(start)) continue;
    const path: { readonly node: number; next: number }[] = [];
    const enter = (node: number): void => {
      index.set(node, index.size);
      low.set(node, index.get(node)!);
      stack.push(node);
      open.add(node);
      path.push({ node, next: 0 });
    };
    enter(start);
    while (path.length > 0) {
      const frame = path.at(-1)!;
      const { node } = frame;
      const other = waiting[node]![frame.next];
      if (other !== undefined) {
        frame.next += 1;
        if (!index.has(other)) enter(other);
        else if (open.has(other)) low.set(node, Math.min(low.get(node)!, index.get(other)!));
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) low.set(parent.node, Math.min(low.get(parent.node)!, low.get(node)!));
      if (low.get(node) === index.get(node)) found.push(closed(node, stack, open));
    }
  }
  return found;
}

function closed(node: number, stack: number[], open: Set<number>): number[] {
  const members = stack.splice(stack.lastIndexOf(node));
  for (const member of members) open.delete(member);
  return members.sort((a, b) => a - b);
}
