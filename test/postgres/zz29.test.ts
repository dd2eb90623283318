import { openOn } from '../store/open.ts';
import { lend } from './lending.ts';

openOn(lend);
for (const suite of ['ids/freed', 'ids/identity', 'ids/sameId', 'held/deserted'])
  await import(`../sync/${suite}.test.ts`);
