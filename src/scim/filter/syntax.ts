import type { CompareOperator } from './filter.ts';

/** A name as the client wrote it. */
export interface WrittenName {
  readonly text: string;
  readonly column: number;
}

/** A comparison value as the client wrote it; `bare`: a word that is no JSON value. */
export interface Literal {
  readonly text: string;
  readonly column: number;
  readonly value: string | number | boolean | null;
  readonly form: 'string' | 'json' | 'bare';
}

/** A filter by its grammar only, not yet resolved against a schema. Inside `value-path`, names are sub-attributes. */
export type Syntax =
  | {
      readonly kind: 'compare';
      readonly name: WrittenName;
      readonly operator: CompareOperator;
      readonly literal: Literal;
    }
  | { readonly kind: 'present'; readonly name: WrittenName }
  | { readonly kind: 'not'; readonly filter: Syntax }
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Syntax[] }
  | { readonly kind: 'value-path'; readonly name: WrittenName; readonly filter: Syntax };
