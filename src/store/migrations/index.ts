import { directory } from './001-directory.ts';
import { credentials } from './002-credentials.ts';
import { ledger } from './003-ledger.ts';
import { sync } from './004-sync.ts';
import { credentialLife } from './005-credential-life.ts';
import { pendingOrder } from './006-pending-order.ts';
import { keyMark } from './007-key-mark.ts';
import { nestedMembers } from './008-nested-members.ts';
import { uniqueValues } from './009-unique-values.ts';
import { inactivePeople } from './010-inactive-people.ts';
import { leavers } from './011-leavers.ts';
import { folding } from './012-folding.ts';
import { newLinks } from './013-new-links.ts';
import { tokenUses } from './014-token-uses.ts';
import { compatibleLetters } from './015-compatible-letters.ts';
import { heldState } from './016-held-state.ts';
import { orderedAndUnentitled } from './017-ordered-and-unentitled.ts';
import type { Migration } from './migration.ts';

/** All steps in their order, ids counting up from 1. A released step is never edited: a change is a new one. */
export const MIGRATIONS: readonly Migration[] = [
  directory,
  credentials,
  ledger,
  sync,
  credentialLife,
  pendingOrder,
  keyMark,
  nestedMembers,
  uniqueValues,
  inactivePeople,
  leavers,
  folding,
  newLinks,
  tokenUses,
  compatibleLetters,
  heldState,
  orderedAndUnentitled,
];
