import { HANGUL, unicodeTables } from './unicode.ts';

const NORMALIZE = /\bnormalize\(/g;
const FORM = /, NFKC\)/g;
/** `server_version_num` of the first server that normalizes. */
const NORMALIZES = 130_000;

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
  const { decomposed, ranks, composed } = unicodeTables();
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
