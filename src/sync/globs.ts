import type { Config } from '../config/schema.ts';

/** Whether a connection may reach a controller: its `controllers:` names or globs, all where there are none. */
export function reaches(config: Config, controller: string): (connection: string) => boolean {
  const allowed = new Set(
    config.connections
      .filter(
        ({ controllers }) => controllers === undefined || controllers.some((glob) => matchesGlob(glob, controller)),
      )
      .map(({ name }) => name),
  );
  return (connection) => allowed.has(connection);
}

/** `*` any characters, `?` one; names of controllers are short and without case. */
export function matchesGlob(glob: string, name: string): boolean {
  let states = new Set([0]);
  const close = (positions: Set<number>): Set<number> => {
    for (const at of positions) if (glob[at] === '*') positions.add(at + 1);
    return positions;
  };
  states = close(states);
  for (const character of name) {
    const next = new Set<number>();
    for (const at of states) {
      if (glob[at] === '*') next.add(at);
      else if (at < glob.length && (glob[at] === '?' || glob[at] === character)) next.add(at + 1);
    }
    states = close(next);
  }
  return states.has(glob.length);
}
