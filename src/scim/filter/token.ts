/** A token of a filter; `column` counts from 1. */
export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly column: number }
  | { readonly kind: 'string'; readonly text: string; readonly value: string; readonly column: number }
  | { readonly kind: '(' | ')' | '[' | ']' | 'end'; readonly text: string; readonly column: number };
