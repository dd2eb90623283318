import type { Leniency } from '../profiles/leniency.ts';
import type { ResourceType } from '../resource.ts';
import type { Catalogue } from '../schemas/catalogue.ts';

/** How a filter is read against a schema. */
export interface Reading {
  readonly type: ResourceType;
  /** Accept `eq` with an unquoted word, and booleans as strings or in any case. */
  readonly lenient: boolean;
  /** An attribute the type does not have: an error, or (queries over several types, RFC 7644 §3.4.2.1) one without a value. */
  readonly unknown: 'refuse' | 'missing';
  readonly catalogue: Catalogue;
  /** The value of a role may be packed in a text; see `Dialect`. */
  readonly packedValues: boolean;
  /** The enterprise extension may have its URN of SCIM 1.1; see `Dialect`. */
  readonly formerUrns: boolean;
  /** Told what was forgiven. */
  readonly note: (kind: Leniency) => void;
}
