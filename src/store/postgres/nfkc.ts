const NORMALIZE = /\bnormalize\(/g;
const FORM = /, NFKC\)/g;
/** `server_version_num` of the first server that normalizes. */
const NORMALIZES = 130_000;
const SURROGATES = { first: 0xd800, last: 0xdfff };
/** Syllables are computed, not looked up (Unicode §3.12). */
const HANGUL = { first: 0xac00, last: 0xd7a3 };

/** A statement of a migration as a server of that version takes it. */
export function normalizedBy(statement: string, version: number): string {
  if (version >= NORMALIZES) return statement;
  return statement.replace(NORMALIZE, 'nfkc(').replace(FORM, ')');
}

/** What a server of that version needs before any migration: one that is too old to normalize is taught it. */
export function normalizing(version: number): readonly string[] {
  return version >= NORMALIZES ? [] : [nfkcFunction()];
}

/**
 * `nfkc(text)`, the form KC of Unicode (UAX #15) in PL/pgSQL: decompose, order the marks of each letter, compose. Its tables are those
 * of this process, which folds names by the same.
 */
export function nfkcFunction(): string {
  const { decomposed, ranks, composed } = tables();
  const json = (table: ReadonlyMap<string, string | number>): string =>
    `$table$${JSON.stringify(Object.fromEntries(table))}$table$::jsonb`;
  return `CREATE OR REPLACE FUNCTION nfkc(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    DECLARE
      letter text; part text; parts text[]; code int; whole text;
      letters text[] := '{}'; ranks int[] := '{}';
      composed text[] := '{}'; starter int := 0; last int := 0;
    BEGIN
      FOREACH letter IN ARRAY string_to_array(given, NULL) LOOP
        code := ascii(letter) - ${HANGUL.first};
        IF code BETWEEN 0 AND ${HANGUL.last - HANGUL.first} THEN
          parts := ARRAY[chr(4352 + code / 588), chr(4449 + code % 588 / 28)];
          IF code % 28 > 0 THEN parts := parts || chr(4519 + code % 28); END IF;
        ELSE
          parts := string_to_array(coalesce(${json(decomposed)} ->> letter, letter), NULL);
        END IF;
        FOREACH part IN ARRAY parts LOOP
          letters := letters || part;
          ranks := ranks || coalesce((${json(ranks)} ->> part)::int, 0);
        END LOOP;
      END LOOP;
      SELECT array_agg(one ORDER BY run, rank, at), array_agg(rank ORDER BY run, rank, at) INTO letters, ranks
        FROM (SELECT one, rank, at, count(*) FILTER (WHERE rank = 0) OVER (ORDER BY at) AS run
          FROM unnest(letters, ranks) WITH ORDINALITY AS decomposed (one, rank, at)) AS runs;
      FOR at IN 1 .. coalesce(array_length(letters, 1), 0) LOOP
        letter := letters[at];
        whole := NULL;
        IF starter > 0 AND (last = 0 OR last < ranks[at]) THEN
          code := ascii(letter);
          IF code BETWEEN 4449 AND 4469 AND ascii(composed[starter]) BETWEEN 4352 AND 4370 THEN
            whole := chr(${HANGUL.first} + ((ascii(composed[starter]) - 4352) * 21 + code - 4449) * 28);
          ELSIF code BETWEEN 4520 AND 4546 AND ascii(composed[starter]) BETWEEN ${HANGUL.first} AND ${HANGUL.last}
              AND (ascii(composed[starter]) - ${HANGUL.first}) % 28 = 0 THEN
            whole := chr(ascii(composed[starter]) + code - 4519);
          ELSE
            whole := ${json(composed)} ->> (composed[starter] || letter);
          END IF;
        END IF;
        IF whole IS NOT NULL THEN
          composed[starter] := whole;
        ELSE
          composed := composed || letter;
          last := ranks[at];
          IF last = 0 THEN starter := array_length(composed, 1); END IF;
        END IF;
      END LOOP;
      RETURN array_to_string(composed, '');
    END $body$`;
}

interface Tables {
  /** What letters become in form KD, where that is something else. */
  readonly decomposed: ReadonlyMap<string, string>;
  /** Marks by the order that they take behind a letter: their combining classes, numbered. */
  readonly ranks: ReadonlyMap<string, number>;
  /** Two letters that are one in form C. */
  readonly composed: ReadonlyMap<string, string>;
}

function tables(): Tables {
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
