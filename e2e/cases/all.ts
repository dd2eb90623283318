import type { Case } from '../case.ts';
import { drift } from './drift.ts';
import { effect, grants, redefinition } from './grants.ts';
import { identity } from './identity.ts';
import { ids } from './ids.ts';
import { leaver, oddLeaver } from './leaver.ts';
import { lockOut } from './lockOut.ts';
import { restart } from './restart.ts';

/** In the order in which they run; the one that restarts comes last. */
export const CASES: readonly Case[] = [
  identity,
  grants,
  effect,
  redefinition,
  drift,
  lockOut,
  ids,
  leaver,
  oddLeaver,
  restart,
];
