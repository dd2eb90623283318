/** Text with `{capture}` holes. */
export interface Template {
  readonly source: string;
  readonly parts: readonly ({ readonly text: string } | { readonly capture: string })[];
  /** Names of its captures, in order, each once. */
  readonly captures: readonly string[];
}

/** Values of captures by name. */
export type Values = Readonly<Record<string, string>>;

const HOLE = /\{([A-Za-z][A-Za-z0-9_-]{0,63})\}/g;

/** Takes a text apart, or says in a sentence why not. Everything but `{name}` is literal. */
export function parseTemplate(source: string): Template | string {
  const parts: Template['parts'][number][] = [];
  let at = 0;
  for (const match of source.matchAll(HOLE)) {
    if (match.index > at) parts.push({ text: source.slice(at, match.index) });
    parts.push({ capture: match[1]! });
    at = match.index + match[0].length;
  }
  if (at < source.length) parts.push({ text: source.slice(at) });
  const literal = parts.some((part) => 'text' in part && /[{}]/.test(part.text));
  if (literal) return 'a brace encloses nothing but the name of a capture, as in {team}';
  const captures = parts.flatMap((part) => ('capture' in part ? [part.capture] : []));
  return { source, parts, captures: [...new Set(captures)] };
}

/** A text without holes. */
export function literal(source: string): Template {
  return { source, parts: source === '' ? [] : [{ text: source }], captures: [] };
}

/** Fills the holes. All captures must have a value: the policy was checked for it. */
export function render(template: Template, values: Values): string {
  return template.parts
    .map((part) => {
      if ('text' in part) return part.text;
      const value = Object.hasOwn(values, part.capture) ? values[part.capture] : undefined;
      if (value === undefined) throw new Error(`no value for the capture ${part.capture} of ${template.source}`);
      return value;
    })
    .join('');
}
