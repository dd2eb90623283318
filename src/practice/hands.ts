import type { PrincipalType } from '../access/principal.ts';
import type { RoleDefinition, RoleKey, RoleType } from '../access/role.ts';
import type { LineName } from './timeline.ts';

/** Edits past the service, as an administrator, a user or an accident makes them. All but `unsaved…` are saved. */
export interface Hands {
  /** Gives an existing role; `type` is looked up where it is left out. @throws Error where no such role is there */
  grant(role: string | RoleKey, id: string, kind?: PrincipalType): void;
  revoke(role: string | RoleKey, id: string, kind?: PrincipalType): void;
  /** In memory only: gone after a restart or a reload. */
  unsavedGrant(role: string | RoleKey, id: string, kind?: PrincipalType): void;
  /** Makes a role, or replaces its definition and keeps its entries. */
  defineRole(role: RoleDefinition): void;
  deleteRole(role: RoleKey): void;
  /** A record with a local password. */
  account(id: string, password: string): void;
  /** All records as they are on the disk; `putBack` puts them in the place of those there, and reads them. */
  usersBackup(): { putBack(): void };
  /** Deletes the record; a live session makes an unsaved one of it. */
  forget(id: string): void;
  /** Makes the record if there is none. Gives the token's value. */
  mintToken(id: string, name?: string): string;
  /** A token of the kind from before 2.129; its secret outlives `revokeAll`. */
  legacyToken(id: string): string;
  addSshKey(id: string, key?: string): void;
  /** An SSH connection that stays open. */
  openSshSession(id: string): void;
  /** A browser that is logged in; gives the value of its JSESSIONID. */
  openSession(id: string): string;
  /** The same by a remember-me cookie: Jenkins keeps nothing of such a login. */
  rememberedSession(id: string): string;
  /** A credential in the user's own scope. */
  addCredential(id: string): void;
  /** A build that the user started and that runs. */
  startBuild(id: string): void;
  /** A job whose builds do not end by themselves; with a token, whoever knows it starts one. */
  job(fullName: string, remoteToken?: string): void;
  dropJob(fullName: string): void;
  /** Configuration-as-code puts its own roles in the place of all there are. */
  reloadJcasc(roles: readonly HandRole[]): void;
  /** Opens the "Assign Roles" page now; `save` puts the assignments back as they were shown, whatever came since. */
  assignRolesPage(): { save(): void };
  /** Another authorization strategy takes over; without a name, role-strategy is back with the roles it had. */
  useStrategy(className?: string): void;
  /** Session seeds are switched off by a system property. */
  disableUserSeeds(): void;
  /** OpenID Connect is the realm, with an escape hatch for this user; without one, Jenkins' own realm is back. */
  escapeHatch(user?: string): void;
  /** Whether config.xml can be written: a full disk, a file that is read-only. */
  writable(on: boolean): void;
  /** "API token usage statistics" of the security settings. */
  countUses(on: boolean): void;
  /** Configuration-as-code is installed, with or without a block of roles. */
  useJcasc(state: 'absent' | 'no-roles' | 'roles'): void;
  /** Plays a recorded time line, `speed` times faster (default: the controller's); resolves when it serves again. */
  restart(line?: LineName, speed?: number): Promise<void>;
}

export interface HandRole extends RoleDefinition {
  readonly entries: readonly { readonly type: PrincipalType; readonly id: string }[];
}

/** What stands there now, read past HTTP. */
export interface Look {
  /** SIDs of a role of any type, whatever kind of entry. */
  holders(role: string): readonly string[];
  roles(type: RoleType): readonly HandRole[];
  person(id: string): {
    readonly entries: number;
    readonly tokens: number;
    readonly sshKeys: number;
    readonly sshSessions: number;
    /** Somebody logged in since sessions were ended last. */
    readonly signedIn: boolean;
    readonly password: string | undefined;
  };
  /** Whether an id may do something, by its entries and as a logged-in user; `item` for item roles. */
  may(id: string, permission: string, item?: string): boolean;
  /** How often the strategy was saved since the process started. */
  readonly saves: number;
}
