/** Text with `{capture}` holes. */
export interface Template {
  readonly source: string;
  readonly parts: readonly ({ readonly text: string } | { readonly capture: string })[];
  /** Names of its captures, in order, each once. */
  readonly captures: readonly string[];
}

/** Values of captures by name. */
export type Values = Readonly<Record<string, string>>;

const TOKEN = /\{\{|\}\}|\{([A-Za-z][A-Za-z0-9_-]{0,63})\}|[{}]/g;

/**
 * Takes a text apart, or says in a sentence why not. Everything but `{name}` is literal; `{{` and `}}` are braces. Without captures
 * `source` is the literal text.
 */
export function parseTemplate(source: string): Template | string {
  const parts: Template['parts'][number][] = [];
  let [at, text] = [0, ''];
  for (const match of source.matchAll(TOKEN)) {
    const [token, capture] = match;
    text += source.slice(at, match.index);
    at = match.index + token.length;
    if (token.length === 1)
      return 'a brace encloses nothing but the name of a capture, as in {team}; a literal one is written twice: {{ or }}';
    if (capture === undefined) {
      text += token[0];
      continue;
    }
    if (text !== '') parts.push({ text });
    parts.push({ capture });
    text = '';
  }
  text += source.slice(at);
  if (text !== '') parts.push({ text });
  const captures = parts.flatMap((part) => ('capture' in part ? [part.capture] : []));
  return { source: captures.length === 0 ? text : source, parts, captures: [...new Set(captures)] };
}

/** A literal text as a template has to be written. */
export function escaped(text: string): string {
  return text.replace(/[{}]/g, '$&$&');
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
