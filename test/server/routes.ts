import type { FastifyInstance } from 'fastify';

/** Every route that is registered, as the router itself prints them, with something in the place of parameters. */
export function routes(app: FastifyInstance): { readonly method: string; readonly url: string }[] {
  const stack: string[] = [];
  const found: { method: string; url: string }[] = [];
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const match = /^([│ ]*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/.exec(line);
    if (match === null) continue;
    stack.splice(match[1]!.length / 4, stack.length, match[2]!);
    const url = stack.join('').replace(/:\w+/g, 'x').replace(/\/?\*/, '/x/y');
    for (const method of match[3]?.split(', ') ?? []) found.push({ method, url });
  }
  return found;
}
