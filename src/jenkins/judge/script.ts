import type { z } from 'zod';
import type { HttpAnswer } from '../../access/ports/http.ts';
import { reply } from '../scripts/script.ts';
import { boundedJson } from './boundedJson.ts';
import { type Complaint, judgeStatus } from './verdict.ts';

/** What is known after a script was sent. */
export type Heard<Result> =
  | {
      readonly kind: 'result';
      readonly result: Result;
      readonly session: string;
      readonly time: number;
      /** Milliseconds by which its clock is ahead of ours, less the way of the answer. */
      readonly ahead: number;
    }
  /** It ran and threw; `touched`: something was changed and not put back. */
  | { readonly kind: 'threw'; readonly error: string; readonly touched: boolean }
  /** It may have run, and nothing that came back can be trusted. */
  | { readonly kind: 'unclear'; readonly complaint: Complaint }
  /** It did not run. `doubt`: a restart looks the same. */
  | { readonly kind: 'not-run'; readonly complaint: Complaint; readonly doubt: boolean };

/**
 * Judges an answer of `POST scriptText`. Every failure of a script is a 200, so only the line behind the sentinel counts.
 * @param now when the answer came, milliseconds by our clock
 */
export function judgeScript<R>(
  answer: HttpAnswer,
  user: string,
  sentinel: string,
  shape: z.ZodType<R>,
  now: number,
): Heard<R> {
  const status = judgeStatus(answer, user);
  if (status.kind !== 'answered') {
    if (status.ran) return { kind: 'unclear', complaint: status.complaint };
    return { kind: 'not-run', complaint: status.complaint, doubt: status.kind === 'doubt' };
  }
  const line = behind(sentinel, answer.body);
  if (line === undefined) return withoutSentinel(answer.body);
  const told = reply.safeParse(boundedJson(line)).data;
  if (told === undefined) return unclear('the line behind the sentinel is not of the shape it should have');
  if (!told.ok) return { kind: 'threw', error: told.error, touched: told.touched };
  const result = shape.safeParse(told.result);
  if (!result.success) {
    const where = result.error.issues[0]?.path.map(String).join('.') ?? '';
    return unclear(`the result of the script is not of the shape it should have (at ${where.slice(0, 100)})`);
  }
  return { kind: 'result', result: result.data, session: told.session, time: told.time, ahead: told.time - now };
}

/** What stands behind the sentinel in the one line that begins with it; undefined where there is none, or a second one. */
function behind(sentinel: string, body: string): string | undefined {
  const text = `\n${body}`;
  const mark = `\n${sentinel}`;
  const at = text.indexOf(mark);
  if (at === -1 || text.indexOf(mark, at + 1) !== -1) return undefined;
  const end = text.indexOf('\n', at + 1);
  return text.slice(at + mark.length, end === -1 ? text.length : end);
}

/** A script that does not compile never ran; anything else may have. */
function withoutSentinel<R>(body: string): Heard<R> {
  if (/MultipleCompilationErrorsException: startup failed/.test(body.slice(0, 400)))
    return {
      kind: 'threw',
      error: body.slice(0, 2000).split('\n').slice(1, 3).join(' ').slice(0, 300),
      touched: false,
    };
  if (body.trim() === '') return unclear('an empty 200: the script was probably not executed');
  return unclear('the answer lacks the sentinel');
}

function unclear<R>(reason: string): Heard<R> {
  return { kind: 'unclear', complaint: { code: 'JEN_ANSWER', details: { reason } } };
}
