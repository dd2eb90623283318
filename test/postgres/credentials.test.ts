import { openOn } from '../store/open.ts';
import { migratedDatabase, postgresMissing } from './database.ts';

openOn(migratedDatabase);
if (postgresMissing === undefined) for (const suite of ['credentials']) await import(`../credentials/${suite}.test.ts`);
