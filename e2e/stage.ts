import type { Controller } from '../src/access/ports/controller.ts';
import type { PrincipalType } from '../src/access/principal.ts';
import type { RoleKey } from '../src/access/role.ts';

/** What a test makes for people past the product, as they and their administrators do. */
export interface Rig {
  /** A saved record with a local password. */
  account(id: string, password: string): Promise<void>;
  /** An API token; gives its value. */
  token(id: string): Promise<string>;
  /** A token of the old kind, whose secret outlives `revokeAll`. */
  legacyToken(id: string): Promise<string>;
  sshKey(id: string): Promise<void>;
  /** An SSH connection that stays open; false where there is no SSH server. */
  sshSession(id: string): Promise<boolean>;
  /** A command of the Jenkins CLI that makes a job of what it is given, and waits for that. */
  cliCommand(id: string, token: string, job: string): Promise<{ ended(): boolean }>;
  forget(id: string): Promise<void>;
  /** A job whose builds last; false where nothing could build. With a token, whoever knows it starts one. */
  job(name: string, remoteToken?: string): Promise<boolean>;
  /** Its builds end with it. */
  dropJob(name: string): Promise<void>;
  /** A credential in the store of a person with an account; false where the credentials plugin is not there. */
  credential(id: string): Promise<boolean>;
  /** An administrator chooses "Logged-in users can do anything"; gives the way back to what was there. */
  anotherStrategy(): Promise<() => Promise<void>>;
  /** Resolves as soon as the restart is under way. */
  restart(): Promise<void>;
}

/** The controller a run plays on. */
export interface Stage {
  readonly name: string;
  readonly url: string;
  /** The service's account and its API token. */
  readonly user: string;
  readonly token: string;
  /** The product's own driver. */
  readonly controller: Controller;
  readonly rig: Rig;
  close(): Promise<void>;
}

export interface Entry {
  readonly type: PrincipalType;
  readonly sid: string;
}

export interface SeenRole {
  readonly permissions: readonly string[];
  readonly pattern: string | undefined;
  readonly entries: readonly Entry[];
}

export type { RoleKey };
