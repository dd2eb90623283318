import type { Kysely } from 'kysely';
import type { Controller } from '../../access/ports/controller.ts';
import { ScimError } from '../../errors.ts';
import type { Tables } from '../../store/tables.ts';
import type { SyncContext } from '../state/context.ts';
import { A_PART, inPages } from '../state/reading.ts';
import { storeAnswer, type Unasked } from './olderFound.ts';

type Db = Kysely<Tables>;
/** Asked between two scripts: whether somebody left, who goes first. */
type Urgent = () => Promise<boolean>;

/** How many ids a controller told of, and why it did not tell of the rest, where there is one. */
interface AskedOlder {
  readonly asked: number;
  readonly left?: string;
}

/**
 * Asks a controller what the ids that somebody was linked to held before, after everything that had to be done is done: a look
 * must not delay a grant or a leaver. What it cannot tell now is asked again by the next pass over everybody.
 */
export async function askOlder(context: SyncContext, controller: Controller, urgent?: Urgent): Promise<AskedOlder> {
  const { store, log } = context;
  const rows = await store.read((db, breathe) =>
    inPages<Unasked>(breathe, (after) => unasked(db, controller.name, after?.folded_id ?? '')),
  );
  let left = rows;
  const asked = (): number => rows.length - left.length;
  try {
    while (left.length > 0) {
      if (left !== rows && (await urgent?.()) === true)
        return { asked: asked(), left: 'somebody left meanwhile, who goes first' };
      const { known, rest } = await controller.older(left.map(({ id }) => id));
      const told = left.slice(0, left.length - rest.length);
      await storeAnswer(context, controller.name, told, known);
      left = left.slice(told.length);
    }
    return { asked: asked() };
  } catch (error) {
    if (!(error instanceof ScimError) || !error.code.startsWith('JEN_')) throw error;
    const { code, message: reason } = error;
    log.warn('a controller did not tell what newly linked ids held before', {
      controller: controller.name,
      code,
      reason,
    });
    return { asked: asked(), left: `${code}: ${reason}` };
  }
}

function unasked(db: Db, controller: string, after: string): Promise<Unasked[]> {
  return db
    .selectFrom('new_links')
    .select(['folded_id', 'id', 'person', 'former_connection', 'taken', 'linked_at'])
    .where('controller', '=', controller)
    .where('found', 'is', null)
    .where('folded_id', '>', after)
    .orderBy('folded_id')
    .limit(A_PART)
    .execute();
}
