import { type Catalogue, STANDARD } from '../schemas/catalogue.ts';
import type { Leniency } from './leniency.ts';

/** How the identity provider of a connection speaks SCIM: decisions as data; the core never asks for a name. */
export interface Dialect {
  /** Attributes (and schemas) we do not have: dropped in silence, or 400. */
  readonly unknownAttributes: 'drop' | 'refuse';
  /** "True" and "7" are taken for a boolean and a number where the attribute is one. */
  readonly scalarTexts: boolean;
  /** An empty string leaves an optional attribute unassigned, instead of being its value. */
  readonly emptyStrings: 'unassigned' | 'value';
  /**
   * One value is taken for a list of one and the other way about, a plain text for a complex value (`manager`, `roles`) and an object
   * with a `value` for a plain one.
   */
  readonly shorthand: boolean;
  /** An unquoted word is a filter value. */
  readonly bareWords: boolean;
  /** `schemas` may be missing or incomplete in a body. */
  readonly schemasOptional: boolean;
  /** PATCH without `path`. */
  readonly pathless: 'accept' | 'refuse';
  /** PATCH with an empty list of operations. */
  readonly emptyOperations: 'ignore' | 'refuse';
  /** `replace` of `attribute[filter]` where nothing matches: create the element as `add` does, or 400 noTarget. */
  readonly unmatchedReplace: 'create' | 'noTarget';
  /** `remove` of `attribute[filter]` where nothing matches; removing an absent member is never an error. */
  readonly unmatchedRemove: 'ignore' | 'noTarget';
  /** A path that selects values has to go on to a sub-attribute when it adds or replaces. */
  readonly valuePathNeedsSub: boolean;
  /** A text in JSON as the value of a role (Entra's AppRoleAssignmentsComplex) is taken apart. */
  readonly packedValues: boolean;
  /** The type that is said of a member has to be its own, or is not looked at: the id tells. */
  readonly memberTypes: 'own' | 'ignored';
  /** Of a PUT of a group that does not speak of members: those it has stay in it, or nobody is in it any more. */
  readonly silentMembers: 'stay' | 'nobody';
  /** The enterprise extension may be named by its URN of SCIM 1.1, and a manager's id `managerId`. */
  readonly formerUrns: boolean;
  /** The connection promises draft-zollner-scim-interop-profile; ServiceProviderConfig says so. */
  readonly interopProfile: boolean;
  /** What a successful PATCH answers where no `attributes` are asked for: 200 with the resource, or 204. */
  readonly patchAnswer: { readonly user: 'resource' | 'nothing'; readonly group: 'resource' | 'nothing' };
  /** The schemas of the service, with those of its configuration. */
  readonly catalogue: Catalogue;
  /** Told what was forgiven. */
  readonly note: (kind: Leniency) => void;
}

const unheard = (): void => {};

/** What most identity providers need; the lenient end. */
export const LENIENT: Dialect = Object.freeze({
  unknownAttributes: 'drop',
  scalarTexts: true,
  emptyStrings: 'unassigned',
  shorthand: true,
  bareWords: true,
  schemasOptional: true,
  pathless: 'accept',
  emptyOperations: 'ignore',
  unmatchedReplace: 'create',
  unmatchedRemove: 'ignore',
  valuePathNeedsSub: false,
  packedValues: false,
  memberTypes: 'ignored',
  silentMembers: 'stay',
  formerUrns: true,
  interopProfile: false,
  patchAnswer: Object.freeze({ user: 'resource', group: 'nothing' }),
  catalogue: STANDARD,
  note: unheard,
});

/** What the two RFCs say, no more. */
export const STRICT: Dialect = Object.freeze({
  unknownAttributes: 'refuse',
  scalarTexts: false,
  emptyStrings: 'value',
  shorthand: false,
  bareWords: false,
  schemasOptional: false,
  pathless: 'accept',
  emptyOperations: 'refuse',
  unmatchedReplace: 'noTarget',
  unmatchedRemove: 'noTarget',
  valuePathNeedsSub: false,
  packedValues: false,
  memberTypes: 'own',
  silentMembers: 'stay',
  formerUrns: false,
  interopProfile: false,
  patchAnswer: Object.freeze({ user: 'resource', group: 'nothing' }),
  catalogue: STANDARD,
  note: unheard,
});
