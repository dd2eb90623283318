import type { GroupResource, UserResource } from '../scim/resource.ts';
import type { Tx } from '../store/store.ts';
import { type Caller, type Creation, CreationError, type NewResource } from './directory.ts';
import { changeGroup, createGroup } from './groups/groups.ts';
import type { DirectoryParts } from './trace.ts';
import { createUser } from './users/users.ts';

/** A resource that is to be created with others, and the id it will have. */
interface Prepared extends NewResource {
  readonly id: string;
  readonly caller: Caller;
}

/** Memberships that take as long to write as one resource. */
const A_RESOURCE = 25;

/** Chooses the ids of resources that refer to each other, and makes them. @throws CreationError with whatever one of them throws */
export async function prepareTogether(
  { random }: Pick<DirectoryParts, 'random'>,
  creations: readonly Creation[],
): Promise<readonly Prepared[]> {
  const ids = creations.map(() => random.id());
  const prepared: Prepared[] = [];
  for (const [index, { caller, make }] of creations.entries()) {
    const made = await told(index, async () => make((other) => ids[other]!));
    prepared.push({ ...made, id: ids[index]!, caller });
  }
  return prepared;
}

/** What it comes to in memberships to store them. */
export function extentOf(prepared: readonly Prepared[]): number {
  return prepared.reduce((sum, { members = [] }) => sum + members.length + A_RESOURCE, 0);
}

/**
 * Stores resources that refer to each other: groups get their members when all are there.
 * All or none. @throws CreationError with whatever one of them throws
 */
export async function createTogether(
  parts: DirectoryParts,
  { given: _, ...others }: Tx,
  prepared: readonly Prepared[],
): Promise<(UserResource | GroupResource)[]> {
  // It has to be known which of them is refused.
  const tx: Tx = { ...others, given: async (check) => void (await check) };
  const found: (UserResource | GroupResource)[] = [];
  for (const [index, { caller, type, attributes, id }] of prepared.entries())
    found.push(
      await told(
        index,
        (): Promise<UserResource | GroupResource> =>
          type === 'User'
            ? createUser(parts, tx, caller, attributes, id)
            : createGroup(parts, tx, caller, attributes, [], id),
      ),
    );
  for (const [index, { caller, id, members = [] }] of prepared.entries()) {
    if (members.length === 0) continue;
    const change = [{ op: 'add-members', members } as const];
    found[index] = (await told(index, () => changeGroup(parts, tx, caller, id, change, undefined))).resource;
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
