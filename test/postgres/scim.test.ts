import { openOn } from '../store/open.ts';
import { migratedDatabase, postgresMissing } from './database.ts';

openOn(migratedDatabase);
if (postgresMissing === undefined)
  for (const suite of ['concurrent', 'groupShapes', 'hostile', 'reading', 'refusals', 'userShapes'])
    await import(`../server/scim/${suite}.test.ts`);
