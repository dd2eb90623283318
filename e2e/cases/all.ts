import type { Case } from '../case.ts';
import { drift } from './drift.ts';
import { effect, grants, redefinition } from './grants.ts';
import { identity } from './identity.ts';
import { ids } from './ids.ts';
import { cliCommand, leaver, oddLeaver } from './leaver.ts';
import { lockOut } from './lockOut.ts';
import { linked, takenOver } from './older.ts';
import { ownToken } from './ownToken.ts';
import { builds, certifiedResidue, credentials, triggers } from './residue.ts';
import { restart } from './restart.ts';
import { certified, departedAgain, interrupted, pushed, redefined, repaired, underAnotherStrategy } from './service.ts';
import { takenBack, usedByOthers } from './stolen.ts';

/** In the order in which they run: the driver, then the whole service over it; what restarts comes last of each. */
export const CASES: readonly Case[] = [
  identity,
  ownToken,
  grants,
  effect,
  redefinition,
  drift,
  lockOut,
  ids,
  leaver,
  oddLeaver,
  cliCommand,
  builds,
  credentials,
  triggers,
  restart,
  pushed,
  redefined,
  repaired,
  linked,
  takenOver,
  takenBack,
  usedByOthers,
  certified,
  certifiedResidue,
  underAnotherStrategy,
  departedAgain,
  interrupted,
];
