/** Syllables are computed, not looked up (Unicode §3.12). */
export const HANGUL = { first: 0xac00, last: 0xd7a3 };
const SURROGATES = { first: 0xd800, last: 0xdfff };

/** What forms KC and KD of Unicode (UAX #15) need, as this process has it. */
interface UnicodeTables {
  /** What letters become in form KD, where that is something else. */
  readonly decomposed: ReadonlyMap<string, string>;
  /** Marks by the order that they take behind a letter: their combining classes, numbered. */
  readonly ranks: ReadonlyMap<string, number>;
  /** Two letters that are one in form C. */
  readonly composed: ReadonlyMap<string, string>;
}

export function unicodeTables(): UnicodeTables {
  const decomposed = new Map<string, string>();
  const composed = new Map<string, string>();
  const marks: string[] = [];
  for (const letter of letters()) {
    const parts = letter.normalize('NFKD');
    if (parts !== letter) decomposed.set(letter, parts);
    if (letter.normalize('NFD') === letter) {
      if (isMark(letter)) marks.push(letter);
    } else if (letter.normalize('NFC') === letter) composed.set(pairOf(letter), letter);
  }
  return { decomposed, ranks: ranked(marks), composed };
}

/** All that may have a table: no surrogates, no syllables. */
function* letters(): Generator<string> {
  for (let code = 0x80; code <= 0x10ffff; code++) {
    const apart = [SURROGATES, HANGUL].find(({ first, last }) => code >= first && code <= last);
    if (apart === undefined) yield String.fromCodePoint(code);
    else code = apart.last;
  }
}

/** The two letters it is composed of. */
function pairOf(letter: string): string {
  const parts = [...letter.normalize('NFD')];
  const last = parts.pop()!;
  return parts.join('').normalize('NFC') + last;
}

/** Whether two marks change places behind a letter: that of the lower class goes first. */
function swap(first: string, second: string): boolean {
  return (first + second).normalize('NFD') !== first + second;
}

const ACUTE = '\u0301';
/** Of the lowest class there is. */
const OVERLAY = '\u0334';

function isMark(letter: string): boolean {
  return swap(ACUTE, letter) || swap(letter, OVERLAY);
}

function ranked(marks: string[]): Map<string, number> {
  const ranks = new Map<string, number>();
  marks.sort((a, b) => (swap(a, b) ? 1 : swap(b, a) ? -1 : 0));
  let rank = 1;
  for (const [at, mark] of marks.entries()) {
    if (at > 0 && swap(mark, marks[at - 1]!)) rank += 1;
    ranks.set(mark, rank);
  }
  return ranks;
}
