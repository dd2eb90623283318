import { openOn } from '../store/open.ts';
import { postgresMissing } from './database.ts';
import { lend } from './lending.ts';

openOn(lend);
if (postgresMissing === undefined)
  for (const suite of [
    'bulk',
    'concurrent',
    'cursor',
    'extensions',
    'groupShapes',
    'hostile',
    'leniency',
    'reading',
    'refusals',
    'reread',
    'userShapes',
  ])
    await import(`../server/scim/${suite}.test.ts`);
