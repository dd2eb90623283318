/** The most characters of one literal; Java refuses a constant over 65,535 bytes (jenkins-verified.md, timings). */
const LITERAL = 60_000;

const SENTINEL = /^[0-9a-f]{32}$/;
const PARAMETERS_LINE = /^def PARAMETERS = \[((?:'[A-Za-z0-9+/=]*'(?:, (?='))?)*)\]\.join\(''\)$/;
const SENTINEL_LINE = /^def SENTINEL = '([0-9a-f]{32})'$/;

/** What travels in a call of `/scriptText`: two lines that differ from call to call, and text that never does. */
interface Letter {
  /** JSON text of the parameters. */
  readonly parameters: string;
  readonly sentinel: string;
  /** The constant text, byte for byte: what the published SHA-256 covers. */
  readonly text: string;
}

/**
 * Line 1 `def PARAMETERS = ['<Base64>', '<Base64>'].join('')`, line 2 `def SENTINEL = '<32 hex digits>'`, then the constant
 * text. The Base64 is of the UTF-8 bytes of one JSON value, cut into literals of at most 60,000 characters.
 */
export function writeLetter(letter: Letter): string {
  if (!SENTINEL.test(letter.sentinel)) throw new Error('a sentinel is 32 hex digits');
  const encoded = Buffer.from(letter.parameters, 'utf8').toString('base64');
  const literals: string[] = [];
  for (let at = 0; at < encoded.length; at += LITERAL) literals.push(`'${encoded.slice(at, at + LITERAL)}'`);
  return `def PARAMETERS = [${literals.join(', ')}].join('')\ndef SENTINEL = '${letter.sentinel}'\n${letter.text}`;
}

/** Takes a letter apart again; undefined where the text is none of ours. The practice controller reads calls with it. */
export function readLetter(script: string): Letter | undefined {
  const first = script.indexOf('\n');
  const second = script.indexOf('\n', first + 1);
  if (first === -1 || second === -1) return undefined;
  const parameters = PARAMETERS_LINE.exec(script.slice(0, first));
  const sentinel = SENTINEL_LINE.exec(script.slice(first + 1, second));
  if (parameters === null || sentinel === null) return undefined;
  const encoded = parameters[1]!.replaceAll(/[', ]/g, '');
  return {
    parameters: Buffer.from(encoded, 'base64').toString('utf8'),
    sentinel: sentinel[1]!,
    text: script.slice(second + 1),
  };
}
