import { openOn } from '../store/open.ts';
import { postgresMissing } from './database.ts';
import { lend } from './lending.ts';

openOn(lend);
if (postgresMissing === undefined)
  for (const suite of [
    'administrators',
    'askEarlier',
    'bindings',
    'catchingUp',
    'ceilings',
    'commands',
    'debtRows',
    'distribute',
    'expiry',
    'fencing',
    'flow',
    'goneSince',
    'identity',
    'isolation',
    'laterLook',
    'lease',
    'leaver',
    'modes',
    'older',
    'namesake',
    'orders',
    'leftLately',
    'ownership',
    'passCost',
    'passedNames',
    'pause',
    'presence',
    'proof',
    'recover',
    'relevance',
    'reproving',
    'revokeOlder',
    'safety',
    'sections',
    'stored',
    'suspects',
    'hadBefore',
    'tenure',
    'wentBack',
  ])
    await import(`../sync/${suite}.test.ts`);
