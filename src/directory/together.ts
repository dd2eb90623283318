import type { GroupResource, UserResource } from '../scim/resource.ts';
import type { Tx } from '../store/store.ts';
import { type Creation, CreationError, type NewResource } from './directory.ts';
import { changeGroup, createGroup } from './groups.ts';
import type { DirectoryParts } from './trace.ts';
import { createUser } from './users.ts';

/**
 * Stores resources that refer to each other: their ids are chosen first, groups get their members when all are there.
 * All or none. @throws CreationError with whatever one of them throws
 */
export async function createTogether(
  parts: DirectoryParts,
  { given: _, ...others }: Tx,
  creations: readonly Creation[],
): Promise<(UserResource | GroupResource)[]> {
  // It has to be known which of them is refused.
  const tx: Tx = { ...others, given: async (check) => void (await check) };
  const ids = creations.map(() => parts.random.id());
  const wanted: NewResource[] = [];
  const found: (UserResource | GroupResource)[] = [];
  for (const [index, { make }] of creations.entries())
    wanted.push(await told(index, async () => make((other) => ids[other]!)));
  for (const [index, { caller }] of creations.entries()) {
    const { type, attributes } = wanted[index]!;
    found.push(
      await told(
        index,
        (): Promise<UserResource | GroupResource> =>
          type === 'User'
            ? createUser(parts, tx, caller, attributes, ids[index])
            : createGroup(parts, tx, caller, attributes, [], ids[index]),
      ),
    );
  }
  for (const [index, { caller }] of creations.entries()) {
    const { members = [] } = wanted[index]!;
    if (members.length === 0) continue;
    const change = [{ op: 'add-members', members } as const];
    found[index] = (await told(index, () => changeGroup(parts, tx, caller, ids[index]!, change, undefined))).resource;
  }
  return found;
}

async function told<T>(index: number, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new CreationError(index, error);
  }
}
