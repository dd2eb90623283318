import { openOn } from '../store/open.ts';
import { migratedDatabase, postgresMissing } from './database.ts';

openOn(migratedDatabase);
if (postgresMissing === undefined)
  for (const suite of ['commands', 'lease', 'flow', 'leaver', 'safety']) await import(`../sync/${suite}.test.ts`);
