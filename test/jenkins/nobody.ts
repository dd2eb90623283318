import type { PersonState } from '../../src/access/ports/controller.ts';

/** What a controller tells of an id that has no record and holds nothing. */
export const NOBODY: Omit<PersonState, 'id'> = Object.freeze({
  tokens: [],
  sshKeys: 0,
  sshSessions: 0,
  password: false,
  credentials: 0,
  runningBuilds: 0,
  queuedBuilds: 0,
  entries: [],
});
