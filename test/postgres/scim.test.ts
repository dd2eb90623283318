import { openOn } from '../store/open.ts';
import { postgresMissing } from './database.ts';
import { lend } from './lending.ts';

openOn(lend);
if (postgresMissing === undefined)
  for (const suite of [
    'borrowed',
    'borrowedLists',
    'bulk',
    'characteristics',
    'concurrent',
    'cursor',
    'extensions',
    'groupShapes',
    'hostile',
    'leniency',
    'me',
    'patched',
    'reading',
    'refusals',
    'reread',
    'search',
    'sequences',
    'userAttributes',
    'userShapes',
  ])
    await import(`../server/scim/${suite}.test.ts`);
