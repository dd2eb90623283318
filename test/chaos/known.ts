import type { ConnectionName } from './configuration.ts';
import { ABOVE } from './policies.ts';

export interface Person {
  readonly id: string;
  readonly connection: ConnectionName;
  userName: string;
  /** Of the living of a connection nobody else has it, in any case. */
  externalId: string | undefined;
  active: boolean;
  deleted: boolean;
}

export interface Group {
  readonly id: string;
  readonly connection: ConnectionName;
  name: string;
  externalId: string | undefined;
  members: Set<string>;
  deleted: boolean;
  /** People who were in it when it was deleted. */
  last?: ReadonlySet<string>;
  /** Another group was in it at some time: records are slow to say that such a way has ended. */
  hadNested?: boolean;
}

/** Which attribute is the id on a controller. */
export type Identity = 'userName' | 'externalId';

/** Whether an entry has to be there, may be there, with the rules that carry it. */
export interface Wanted {
  must: boolean;
  readonly rules: Set<string>;
  /** Rules that give it to nobody new, and by which it may stay. */
  readonly kept: Set<string>;
}

/** Of the controllers, those that a walk looks at. */
export const ROLES = ['administrator', 'browser', 'auditor', 'examiner', 'qa', 'pay-developer', 'web-developer', ABOVE];
