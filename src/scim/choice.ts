/** The names a client asked for or asked to leave out (RFC 7644 §3.9), resolved; unknown ones are not in it. */
export interface Projection {
  readonly kind: 'all' | 'attributes' | 'excluded';
  readonly names: readonly Choice[];
}

/** An attribute (of an extension), one of its sub-attributes, or a whole schema. */
export interface Choice {
  readonly schema: string;
  readonly attribute?: string;
  readonly sub?: string;
}
