import { openOn } from '../store/open.ts';
import { postgresMissing } from './database.ts';
import { lend } from './lending.ts';

openOn(lend);
if (postgresMissing === undefined)
  for (const suite of ['concurrent', 'groupShapes', 'hostile', 'reading', 'refusals', 'userShapes'])
    await import(`../server/scim/${suite}.test.ts`);
