import type { Tables } from '../../store/tables.ts';
import type { MarkOrder } from '../orders/commands.ts';

type Begun = Pick<Tables['intents'], 'id' | 'controller' | 'kind' | 'steps' | 'created_at'>;

/** Whose order a row of an intent is, as it is stored: marked with all that is to be done, so that who can only write there names nobody. */
export function orderedBy(row: Begun, by: string, markOrder: MarkOrder): string {
  return JSON.stringify({ by, mark: markOf(row, by, markOrder) });
}

/** Who ordered it, as the ledger says it; undefined where nobody did, or somebody else wrote so. */
export function whoOrdered(row: Begun & Pick<Tables['intents'], 'ordered'>, markOrder: MarkOrder): string | undefined {
  if (row.ordered === null) return undefined;
  try {
    const { by, mark } = JSON.parse(row.ordered) as { by: string; mark: string };
    return mark === markOf(row, by, markOrder) ? by : undefined;
  } catch {
    return undefined;
  }
}

function markOf({ id, controller, kind, steps, created_at }: Begun, by: string, markOrder: MarkOrder): string {
  return markOrder({ id, controller, kind: `intent:${kind}`, body: { by, steps }, created: Date.parse(created_at) });
}
