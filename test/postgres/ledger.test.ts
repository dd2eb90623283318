import { openOn } from '../store/open.ts';
import { postgresMissing } from './database.ts';
import { lend } from './lending.ts';

openOn(lend);
if (postgresMissing === undefined)
  for (const suite of ['ledger', 'exported', 'departures', 'sealingCost', 'keyMark'])
    await import(`../ledger/${suite}.test.ts`);
