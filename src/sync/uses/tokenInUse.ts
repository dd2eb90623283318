import type { Controller } from '../../access/ports/controller.ts';
import { refuse, type ScimError } from '../../errors.ts';

type Counted = Pick<Controller, 'name' | 'uses'>;

/** Looks at the counts before it is told that two tokens are in use. */
const LOOKS = 6;

/**
 * The token that `controller` uses: its count goes up with each look, and of the others only what somebody else does.
 * @throws ScimError JEN_*, CTL_TOKEN_UNTOLD
 */
export async function tokenInUse(controller: Counted, account: string): Promise<string> {
  let before: ReadonlyMap<string, number> | undefined;
  let moved: ReadonlySet<string> | undefined;
  for (let look = 0; look < LOOKS && moved?.size !== 1; look++) {
    const { counted, tokens } = await controller.uses();
    if (!counted)
      throw untold(
        controller,
        account,
        'Jenkins does not count how often API tokens are used (Manage Jenkins, Security)',
      );
    const last = before;
    if (last !== undefined) {
      const candidates = tokens.filter(({ uuid, uses }) => uses > (last.get(uuid) ?? uses));
      moved = new Set(candidates.map(({ uuid }) => uuid).filter((uuid) => moved?.has(uuid) ?? true));
    }
    before = new Map(tokens.map(({ uuid, uses }) => [uuid, uses]));
  }
  const [only] = moved ?? [];
  if (only === undefined) throw untold(controller, account, 'none of the counts goes up; is it a password?');
  if (moved?.size !== 1) throw untold(controller, account, 'another one is used all the time, too');
  return only;
}

/** Nobody can tell which one it is. */
export function untold({ name }: Counted, user: string, reason: string): ScimError {
  return refuse('CTL_TOKEN_UNTOLD', { controller: name, user, reason });
}
