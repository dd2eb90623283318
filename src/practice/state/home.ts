import type { Random } from '../../access/ports/random.ts';
import { foldId, type IdStrategy } from '../../access/principal.ts';
import { Jobs, type SavedJobs } from './jobs.ts';
import { People, type SavedPeople } from './people.ts';
import { Sessions } from './sessions.ts';
import { type SavedStrategy, Strategy } from './strategy.ts';

export const ROLE_STRATEGY = 'com.michelin.cio.hudson.plugins.rolestrategy.RoleBasedAuthorizationStrategy';

/** An item, for patterns to match. */
export interface Item {
  /** `team-a/job1` */
  readonly fullName: string;
  /** `Team A » job1`; the full name where it is left out. */
  readonly displayName?: string;
}

/** What a controller keeps on disk. */
export interface Disk {
  readonly strategy: SavedStrategy;
  readonly people: SavedPeople;
  readonly jobs: SavedJobs;
  /** How the realm compares the ids of its users. */
  readonly userIds: IdStrategy;
}

/** What Java says where config.xml cannot be replaced. */
export class SaveFailed extends Error {
  constructor() {
    super('java.nio.file.FileSystemException: config.xml-atomic123tmp -> config.xml: Operation not permitted');
  }
}

/** One process of the controller: everything it has in memory, and the disk below. A restart makes a new one from the disk. */
export class Home {
  /** Jenkins.SESSION_HASH: changes with each start. */
  readonly session: string;
  readonly random: Random;
  /** The controller's clock, milliseconds since the epoch. */
  readonly now: () => number;
  readonly items: readonly Item[];
  readonly userIds: IdStrategy;
  readonly sessions: Sessions;
  /** Salt of crumbs. */
  readonly salt: string;
  strategy: Strategy;
  people: People;
  quietingDown = false;
  /** Its builds end with the process. */
  readonly jobs: Jobs;
  /** `-Djenkins.security.seed.UserSeedProperty.disableUserSeed` is not set. */
  userSeeds = true;
  /** User of the escape hatch of oic-auth; null: the realm is Jenkins' own. */
  escapeHatch: string | null = null;
  /** "API token usage statistics" of the security settings. */
  usageStatistics = true;
  jcasc: 'absent' | 'no-roles' | 'roles' = 'absent';
  /** Whether config.xml can be written. */
  writable = true;
  /** A save failed, and none was made since; a start forgets it. Scripts remember it where they keep fences. */
  unsaved = false;
  /** Highest fence that scripts have shown, by lineage; a restart forgets them. */
  readonly fences = new Map<string, number>();
  /** When scripts of a lineage wrote last, by this controller's clock; a restart forgets that, too. */
  readonly writers = new Map<string, number>();
  /** Class of the active authorization strategy; any other than role-strategy makes its URLs 404. */
  strategyClass: string = ROLE_STRATEGY;
  #saved: SavedStrategy;
  /** How often config.xml was written. */
  saves = 0;

  constructor(disk: Disk, random: Random, items: readonly Item[], now: () => number) {
    this.random = random;
    this.now = now;
    this.items = items;
    this.userIds = disk.userIds;
    this.session = Buffer.from(random.bytes(4)).toString('hex');
    this.salt = Buffer.from(random.bytes(16)).toString('hex');
    this.sessions = new Sessions(random);
    this.#saved = disk.strategy;
    this.strategy = new Strategy(disk.strategy);
    this.people = new People(disk.people, () => random.id(), now(), disk.userIds);
    this.jobs = new Jobs(disk.jobs);
  }

  /** `Jenkins.save()`: the whole strategy, whatever changed. @throws SaveFailed */
  save(): void {
    if (!this.writable) throw new SaveFailed();
    this.#saved = this.strategy.saved();
    this.saves++;
    this.unsaved = false;
  }

  disk(): Disk {
    return { strategy: this.#saved, people: this.people.saved(), jobs: this.jobs.saved(), userIds: this.userIds };
  }

  /** An id as the realm compares it. */
  folded(id: string): string {
    return foldId(id, this.userIds);
  }

  /** Other records on the disk, read from there. */
  restoreUsers(saved: SavedPeople): void {
    this.people = new People(saved, () => this.random.id(), this.now(), this.userIds);
  }

  /** `/reload`: configuration and users from disk; sessions and the session hash stay. */
  reload(): void {
    this.strategy = new Strategy(this.#saved);
    this.restoreUsers(this.people.saved());
  }
}
