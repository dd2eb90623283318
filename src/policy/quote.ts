/** Java's Pattern.quote: the text stands for itself, a `\E` in it included (java.util.regex.Pattern.quote). */
export function javaQuote(text: string): string {
  return `\\Q${text.replaceAll('\\E', '\\E\\\\E\\Q')}\\E`;
}

/** The pattern of a folder: itself, and what is below unless `children` is false. */
export function folderPattern(folder: string, children: boolean): string {
  return children ? `${javaQuote(folder)}($|/.*)` : javaQuote(folder);
}

/** Full names of the folders above, outermost first; none for a folder at the top. */
export function ancestors(folder: string): string[] {
  const segments = folder.split('/');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
}

/** The pattern that matches exactly these items. */
export function exactPattern(names: readonly string[]): string {
  return names.map(javaQuote).join('|');
}

/**
 * Whether a pattern made here matches an item's full name; undefined for any other pattern, which only Java can judge.
 */
export function patternMatches(pattern: string, item: string): boolean | undefined {
  let at = 0;
  for (;;) {
    if (!pattern.startsWith('\\Q', at)) return undefined;
    let name = '';
    for (;;) {
      const end = pattern.indexOf('\\E', at + 2);
      if (end === -1) return undefined;
      name += pattern.slice(at + 2, end);
      at = end + 2;
      if (!pattern.startsWith('\\\\E\\Q', at)) break;
      name += '\\E';
      at += 3;
    }
    const below = pattern.startsWith('($|/.*)', at);
    if (below) at += 7;
    if (
      item === name ||
      (below && item.startsWith(`${name}/`) && !/[\n\r\u0085\u2028\u2029]/.test(item.slice(name.length)))
    )
      return true;
    if (at === pattern.length) return false;
    if (pattern[at] !== '|') return undefined;
    at++;
  }
}
