import { openOn } from '../store/open.ts';
import { postgresMissing } from './database.ts';
import { lend } from './lending.ts';

openOn(lend);
if (postgresMissing === undefined)
  for (const suite of ['commands', 'lease', 'flow', 'leaver', 'safety']) await import(`../sync/${suite}.test.ts`);
