/** A path of an attribute that the schema knows, spelled as the schema does. */
export interface AttributePath {
  /** URN of the schema that defines it; the core schema for common attributes (id, externalId, meta). */
  readonly schema: string;
  readonly attribute: string;
  readonly sub?: string;
  /** Of the sub-attribute where there is one, else of the attribute. */
  readonly type: 'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'binary' | 'reference' | 'complex';
  readonly caseExact: boolean;
  /** Of the attribute, not of the sub-attribute. */
  readonly multiValued: boolean;
}

export type CompareOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/**
 * A parsed filter (RFC 7644 §3.4.2.2), resolved against the schemas of one resource type. A comparison of a complex attribute
 * without sub-attribute is already resolved to its `value`, one with null to `present`; an empty `and` is true, an empty `or` false.
 * Inside `value-path`, paths have `attribute` of the outer one and `sub`.
 */
export type Filter =
  | {
      readonly kind: 'compare';
      readonly path: AttributePath;
      readonly operator: CompareOperator;
      readonly value: string | number | boolean | null;
      /** It was written the other way about, with `false`: what is unsaid is false, too. */
      readonly turned?: true;
    }
  | { readonly kind: 'present'; readonly path: AttributePath }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'value-path'; readonly path: AttributePath; readonly filter: Filter };
