/**
 * UsernameCaseMapped of RFC 8265 §3.3 as the RFC has it, to hold our `fold` against: the prepared string in its enforced form, or
 * undefined where the profile refuses it. Properties of code points are those of the Unicode version of the runtime.
 */
export function usernameCaseMapped(text: string): string | undefined {
  const wide = widthMapped(text);
  if (wide === '' || !wide.isWellFormed() || ![...wide].every((point, at, all) => isValid(point, all, at)))
    return undefined;
  const mapped = wide.toLowerCase().normalize('NFC');
  return obeysBidi(mapped) ? mapped : undefined;
}

/** §3.3.2 (1): fullwidth and halfwidth forms become what they are wide or narrow forms of. U+FF00 to U+FFEF and U+3000 hold them all. */
function widthMapped(text: string): string {
  return text.replace(/[\u3000\uff00-\uffef]/g, (point) => point.normalize('NFKD').normalize('NFC'));
}

const EXCEPTIONS_VALID = /^[\u00df\u03c2\u06fd\u06fe\u0f0b\u3007]$/;
const EXCEPTIONS_DISALLOWED = /^[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]$/;
const JAMO = /^[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]$/;
const IGNORABLE = /^[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]$/u;
const LETTER_DIGIT = /^[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u;

/** The IdentifierClass of RFC 8264 §4.2 and §8, the context rules of RFC 5892 appendix A included. */
function isValid(point: string, all: readonly string[], at: number): boolean {
  if (EXCEPTIONS_VALID.test(point)) return true;
  const context = CONTEXT.find(({ points }) => points.test(point));
  if (context !== undefined) return context.holds(all, at);
  if (EXCEPTIONS_DISALLOWED.test(point) || /^\p{Cn}$/u.test(point)) return false;
  if (/^[!-~]$/.test(point)) return true;
  if (JAMO.test(point) || IGNORABLE.test(point) || /^\p{Cc}$/u.test(point)) return false;
  return point.normalize('NFKC') === point && LETTER_DIGIT.test(point);
}

const VIRAMA = new Set([
  ...'\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u0e3a\u0f84\u1039\u1714\u17d2\u1b44\ua806\ua8c4',
]);
const arabic = /^[\u0660-\u0669]$/;
const extended = /^[\u06f0-\u06f9]$/;

const CONTEXT: readonly { points: RegExp; holds: (all: readonly string[], at: number) => boolean }[] = [
  // ZWNJ between joining letters (A.1, second rule) is left out: it would take a table of joining types.
  { points: /^[\u200c\u200d]$/, holds: (all, at) => VIRAMA.has(all[at - 1] ?? '') },
  { points: /^\u00b7$/, holds: (all, at) => all[at - 1] === 'l' && all[at + 1] === 'l' },
  { points: /^\u0375$/, holds: (all, at) => /^\p{Script=Greek}$/u.test(all[at + 1] ?? '') },
  { points: /^[\u05f3\u05f4]$/, holds: (all, at) => /^\p{Script=Hebrew}$/u.test(all[at - 1] ?? '') },
  { points: /^\u30fb$/, holds: (all) => all.some((p) => /^[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]$/u.test(p)) },
  { points: arabic, holds: (all) => !all.some((p) => extended.test(p)) },
  { points: extended, holds: (all) => !all.some((p) => arabic.test(p)) },
];

/** RFC 5893 §2 in what can be said by scripts: a string with letters from right to left has none from left to right, and begins and ends well. */
function obeysBidi(text: string): boolean {
  const rtl = /[\p{sc=Hebr}\p{sc=Arab}\p{sc=Syrc}\p{sc=Thaa}\p{sc=Nkoo}\p{sc=Adlm}]/u;
  if (!rtl.test(text)) return true;
  const ltr = /[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Deva}]/u;
  return !ltr.test(text) && rtl.test([...text][0]!) && !/[!-/:-@[-`{-~]$/.test(text);
}
