import type { RunBy } from '../../access/operator.ts';
import type { Clock } from '../../access/ports/clock.ts';
import type { Controller } from '../../access/ports/controller.ts';
import type { Log } from '../../access/ports/log.ts';
import type { Meter } from '../../access/ports/meter.ts';
import type { Random } from '../../access/ports/random.ts';
import type { Records } from '../../access/ports/recorder.ts';
import type { StorePort, Transaction } from '../../access/ports/store.ts';
import type { Timers } from '../../access/ports/timers.ts';
import type { Config } from '../../config/schema.ts';
import type { FactsReader } from '../../directory/facts/facts.ts';
import type { Witness } from '../../ledger/witness.ts';
import type { Tables } from '../../store/tables.ts';
import type { ClockAnchor } from '../clock/clockAnchor.ts';
import type { Holder } from '../lease/lease.ts';
import type { MarkOrder } from '../orders/commands.ts';
import type { PolicyInForce } from '../policy/policyInForce.ts';
import type { OwnUses } from '../uses/ownUses.ts';

/** What the reconciler works with; everything that touches the world is passed in. */
export interface SyncContext {
  readonly config: Config;
  readonly store: StorePort<Tables>;
  readonly facts: FactsReader;
  readonly recorder: Records<Transaction<Tables>>;
  readonly policy: PolicyHolder;
  /** Opens the controller of that name; one per process, closed by whoever opened it. */
  controller(name: string): Controller;
  /** Counts the requests to a controller that go through `controller`. */
  uses(name: string): OwnUses;
  readonly holder: Holder;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
  /** Who ordered what is being done, as the ledger says it; absent where the service acts by itself. */
  readonly operator?: string;
  readonly runBy?: RunBy;
  /** What the wall clock is judged by. */
  readonly anchor: ClockAnchor;
  readonly markOrder: MarkOrder;
  /** Puts every controller on hold where the database lacks what this process recorded last. @throws ScimError STORE_* */
  readonly lookBack?: () => Promise<void>;
  readonly witness: Witness;
  /** False while only the part of the disk is left that is kept for losses; where nobody can say, there is room. */
  readonly hasRoom?: () => boolean;
  /** Most steps of one run; `LARGEST_RUN` where nothing is said. */
  readonly largestRun?: number;
}

/** Gives the policy that is in force: the file's, or the last good one while the file is broken. */
export interface PolicyHolder {
  /** Reads the file again if it changed. @throws ScimError POL_* where there never was a good one */
  current(): Promise<PolicyInForce>;
}
