/** Text of a client as it may stand in an error: short, in quotes, control and direction characters escaped. */
export function quoted(text: string): string {
  const short = text.length > 64 ? `${text.slice(0, 64).toWellFormed()}…` : text.toWellFormed();
  return JSON.stringify(short).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
