/** Java's `Pattern.compile` for what JavaScript can express: `\Q…\E` and a leading `(?i)`. @throws SyntaxError */
export function javaPattern(source: string): RegExp {
  const insensitive = source.startsWith('(?i)');
  const rest = insensitive ? source.slice(4) : source;
  const translated = rest.replace(/\\Q([\s\S]*?)(?:\\E|$)/g, (_, literal: string) =>
    literal.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`),
  );
  return new RegExp(`^(?:${translated})$`, insensitive ? 'is' : 's');
}
