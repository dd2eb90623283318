import { openOn } from '../store/open.ts';
import { migratedDatabase, postgresMissing } from './database.ts';

openOn(migratedDatabase);
if (postgresMissing === undefined)
  for (const suite of ['events', 'facts', 'filters', 'groups', 'lists', 'membership', 'users'])
    await import(`../directory/${suite}.test.ts`);
