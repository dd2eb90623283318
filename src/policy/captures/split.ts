import { nameKey } from '../facts.ts';
import { compileRegex, type Regex } from './regex.ts';
import type { Template, Values } from './template.ts';

const SEGMENT = compileRegex('[A-Za-z0-9._-]{1,64}') as Regex;
const MAX_NAME = 512;

/** How a name falls into the captures of a template: not at all, in one way, or in several (policy.md: grants nothing). */
export type Split = 'none' | 'ambiguous' | Values;

/** A name as it is compared, and as values are taken from it. */
export interface SplitName {
  readonly key: string;
  readonly spelled: string;
}

/** Makes a name ready to be split; undefined where it is too long for any group. */
export function splittable(name: string): SplitName | undefined {
  if (name.length > MAX_NAME) return undefined;
  const key = nameKey(name);
  if (key.length > MAX_NAME) return undefined;
  const composed = name.normalize('NFKC');
  return { key, spelled: composed.length === key.length ? composed : key };
}

type Part = { readonly text: string } | { readonly capture: string; readonly regex: Regex };

/**
 * Compiles a template into a splitter. Literal parts compare as names do (NFKC, case folded); values are taken as spelled, and in
 * lower case only where no value fits as spelled. `matchers` holds the expression of a capture where the policy gives one.
 */
export function splitter(
  template: Template,
  matchers: ReadonlyMap<string, Regex | undefined>,
): (name: SplitName) => Split {
  const parts = template.parts.map(
    (part): Part =>
      'text' in part ? { text: nameKey(part.text) } : { ...part, regex: matchers.get(part.capture) ?? SEGMENT },
  );
  return ({ key, spelled }) => {
    const found = ways(parts, key, spelled);
    const [only, second] = found.length === 0 && spelled !== key ? ways(parts, key, key) : found;
    return only === undefined ? 'none' : second === undefined ? only : 'ambiguous';
  };
}

/** At most two ways, which is enough to know that there is more than one. */
function ways(parts: readonly Part[], key: string, spelled: string): readonly Values[] {
  const known = new Map<number, readonly Values[]>();
  const from = (index: number, at: number): readonly Values[] => {
    const part = parts[index];
    if (part === undefined) return at === key.length ? [{}] : [];
    if ('text' in part) return key.startsWith(part.text, at) ? from(index + 1, at + part.text.length) : [];
    const slot = index * (MAX_NAME + 1) + at;
    const memo = known.get(slot);
    if (memo !== undefined) return memo;
    const found: Values[] = [];
    for (const end of part.regex.ends(spelled, at)) {
      if (end === at || found.length > 1) continue;
      for (const rest of from(index + 1, end)) found.push({ ...rest, [part.capture]: spelled.slice(at, end) });
    }
    const few = found.slice(0, 2);
    known.set(slot, few);
    return few;
  };
  return from(0, 0);
}
