import { openOn } from '../store/open.ts';
import { postgresMissing } from './database.ts';
import { lend } from './lending.ts';

openOn(lend);
if (postgresMissing === undefined)
  for (const suite of [
    'dailyWrites',
    'events',
    'facts',
    'filters',
    'groupRefs',
    'groups',
    'inactive',
    'lists',
    'membership',
    'users',
    'uniqueValues',
  ])
    await import(`../directory/${suite}.test.ts`);
