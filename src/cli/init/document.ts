import { Document, isMap, isScalar } from 'yaml';

/** A comment above a key, found by its dotted path. */
type Comments = Readonly<Record<string, string>>;

/**
 * YAML with comments, made by the serializer: whatever the values hold, they stay values.
 * `header` stands above everything.
 */
export function commented(value: unknown, header: string, comments: Comments): string {
  const document = new Document(value);
  document.commentBefore = lines(header);
  for (const [path, comment] of Object.entries(comments)) {
    const keys = path.split('/');
    const parent = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1));
    if (!isMap(parent)) continue;
    const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === keys.at(-1));
    if (pair !== undefined && isScalar(pair.key)) pair.key.commentBefore = lines(comment);
  }
  return document.toString({ lineWidth: 100 });
}

function lines(text: string): string {
  return text
    .split('\n')
    .map((line) => ` ${line}`.trimEnd())
    .join('\n');
}
