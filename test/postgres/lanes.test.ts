import { openOn } from '../store/open.ts';
import { postgresMissing } from './database.ts';
import { lend } from './lending.ts';

openOn(lend);
if (postgresMissing === undefined) await import('../store/lanes.test.ts');
