import { openOn } from '../store/open.ts';
import { postgresMissing } from './database.ts';
import { lend } from './lending.ts';

openOn(lend);
if (postgresMissing === undefined)
  for (const suite of ['compromise', 'credentials', 'endings', 'external', 'networks', 'oauth', 'rotation'])
    await import(`../credentials/${suite}.test.ts`);
