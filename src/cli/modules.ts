import type { RunBy } from '../access/operator.ts';
import type { Controller } from '../access/ports/controller.ts';
import type { Log } from '../access/ports/log.ts';
import type { UseCount } from '../access/ports/useCount.ts';
import type { Config, ControllerConfig } from '../config/schema.ts';
import type { PolicyLint } from './answers.ts';
import type { World } from './demo/world.ts';
import type { Engine, PolicySurroundings, PreviewQuery, Say } from './engine.ts';
import type { Explanation } from './print/explanation.ts';

export interface EngineOptions {
  readonly migrate?: boolean;
  /** Who orders what is done by it, as the ledger says it; absent in the service. */
  readonly operator?: string;
  readonly runBy?: RunBy;
  /** Ends long work that can be ended; the reason is the name of a signal. */
  readonly interruption?: AbortSignal;
}

/** The counts of requests to controllers, in an open database. */
export interface Uses {
  of(controller: string): UseCount;
  /** Counts what went, and closes the database. */
  close(): Promise<void>;
}

/** What a restore took over of the database that it replaced; nothing where that could not be read. */
export interface Restored {
  /** Credentials that had ended since, and were ended again. */
  readonly ended?: number;
  /** People who were cut by an operator's word since, which was said again. */
  readonly declared?: number;
  /** People of whom such a word was taken back since, and was taken back again. */
  readonly lifted?: number;
  /** Connections that were paused since, and were paused again. */
  readonly paused?: readonly string[];
}

/** What the process can open; the commands know no more. */
export interface Modules {
  /** Opens the database, migrates it if `migrate`, and puts everything together. */
  engine(config: Config, log: Log, options?: EngineOptions): Promise<Engine>;
  /** A controller without a database, for `init`, `doctor` and `controller check`. @throws ScimError CFG_SECRET, JEN_* */
  controller(
    config: ControllerConfig,
    opening: { readonly timeout: number; readonly uses?: UseCount },
  ): Promise<Controller>;
  /** Counts what is asked of controllers without an engine; undefined where there is no database that can be used. */
  uses(database: string): Promise<Uses | undefined>;
  /** Puts a backup in the place of the database and every controller on hold until `resume`. */
  restore(config: Config, file: string, options?: EngineOptions): Promise<Restored>;
  /** Copies the database to a new one, which a URL names, and compares them. The service must be stopped. */
  copy(
    config: Config,
    target: string,
    say: Say,
    options?: EngineOptions,
  ): Promise<{ readonly tables: number; readonly rows: number; readonly digest: string }>;
  /** A service with its own folder and ephemeral ports, over the practice controller or a real one. */
  demo(real?: {
    readonly url: string;
    readonly user: string;
    readonly tokenFile: string;
    readonly yes: boolean;
  }): Promise<World>;
  readonly policy: {
    lint(path: string, around?: PolicySurroundings): Promise<PolicyLint>;
    schema(): Promise<unknown>;
    preview(path: string, query: PreviewQuery, config: Config | undefined): Promise<Explanation>;
  };
}
