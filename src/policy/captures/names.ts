const FORBIDDEN = /[?*/\\%!@#$^&|<>[\]:;]/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** Why a text cannot be the name of an item (Jenkins.checkGoodName), in a few words; undefined if it can. */
export function itemNameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > 255) return 'it is longer than 255 characters';
  if (name !== name.trim()) return 'it starts or ends with a space';
  if (name.endsWith('.')) return 'it ends with a dot';
  if (CONTROL.test(name)) return 'it holds a control or invisible character';
  if (!name.isWellFormed()) return 'it is not well-formed Unicode';
  const character = FORBIDDEN.exec(name)?.[0];
  return character === undefined ? undefined : `it holds ${character}`;
}

/** The same for a value of a capture, which enters names of roles too. */
export function valueProblem(value: string): string | undefined {
  return value.includes(',') ? 'it holds a comma' : itemNameProblem(value);
}

/** Why a text cannot be the full name of a folder. */
export function folderProblem(path: string): string | undefined {
  if (path.length > 1000) return 'it is longer than 1000 characters';
  for (const segment of path.split('/')) {
    const problem = itemNameProblem(segment);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Why a text cannot be the name of a role we define: role-strategy takes `@…` for a macro and splits lists at commas. */
export function roleNameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > 255) return 'it is longer than 255 characters';
  if (name.includes(',')) return 'it holds a comma';
  if (name.startsWith('@')) return 'it starts with @';
  if (name !== name.trim()) return 'it starts or ends with a space';
  if (!name.isWellFormed()) return 'it is not well-formed Unicode';
  return CONTROL.test(name) ? 'it holds a control or invisible character' : undefined;
}
