import type { Controller } from '../../access/ports/controller.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import type { Lease } from '../lease/lease.ts';
import type { SyncContext } from './context.ts';
import type { Memory } from './memory.ts';

/** A controller that is worked on: by whom, under which lease, and what is remembered of it. */
export interface Site {
  readonly context: SyncContext;
  readonly config: ControllerConfig;
  readonly controller: Controller;
  readonly lease: Lease;
  readonly memory: Memory;
}
