import type { WhoAmI } from '../access/ports/controller.ts';
import { type HttpAnswer, HttpFailure } from '../access/ports/http.ts';
import { type ErrorCode, refuse, type ScimError } from '../errors.ts';
import type { Address, ControllerDeps } from './deps.ts';
import { writeLetter } from './envelope.ts';
import { judgeFailure } from './judge/failure.ts';
import { type Heard, judgeScript } from './judge/script.ts';
import { type Complaint, judgeStatus } from './judge/verdict.ts';
import { type Identity, judgeWhoAmI, type WhoVerdict } from './judge/whoAmI.ts';
import { settleDoubt } from './patience.ts';
import type { Script } from './scripts/script.ts';

/** Most bytes of a decompressed answer. */
const LIMIT = 64 * 1024 * 1024;

/** One controller as something that scripts can be sent to; every judgement is made by `judge/`. */
export interface Connection {
  /** Who we are there. Waits out what may be a restart. @throws ScimError JEN_* */
  identify(): Promise<Identity>;
  /** Sends a script once. A failure before it went out is `not-run`. */
  run<P, R>(script: Script<P, R>, parameters: P): Promise<Heard<R>>;
  /** Sends a script that only reads; once more where it may have been a restart that was in the way. @throws ScimError JEN_* */
  read<P, R>(script: Script<P, R>, parameters: P): Promise<{ result: R; session: string; time: number }>;
  /** Sends a form once; the body of a 200. @throws ScimError JEN_*; JEN_TIMEOUT and JEN_UNREACHABLE leave open what was done */
  post(path: string, form: Readonly<Record<string, string>>): Promise<string>;
  /** The complaint as an error that names the controller. */
  error(complaint: Complaint): ScimError;
}

export function connect(address: Address, deps: ControllerDeps): Connection {
  const log = deps.log.with({ controller: address.name });

  async function exchange(method: 'GET' | 'POST', path: string, body?: string): Promise<HttpAnswer> {
    const token = await deps.secret();
    const headers: Record<string, string> = {
      authorization: `Basic ${Buffer.from(`${address.user}:${token}`, 'utf8').toString('base64')}`,
      'user-agent': 'jenkins-scim',
    };
    if (body !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded;charset=UTF-8';
    const started = deps.clock.monotonic();
    const took = () => Math.round(deps.clock.monotonic() - started);
    const request = { method, url: address.url + path, headers, timeout: deps.timeout, limit: LIMIT };
    try {
      const answer = await deps.http.send(body === undefined ? request : { ...request, body });
      log.debug('controller answered', { method, path, status: answer.status, milliseconds: took() });
      return answer;
    } catch (failure) {
      if (failure instanceof HttpFailure)
        log.debug('controller did not answer', { method, path, failure: failure.kind, milliseconds: took() });
      throw failure;
    }
  }

  const error = (complaint: Complaint): ScimError =>
    refuse(complaint.code, { controller: address.name, ...complaint.details });

  async function ask(): Promise<WhoVerdict> {
    try {
      return judgeWhoAmI(await exchange('GET', 'whoAmI/api/json'), address.user);
    } catch (failure) {
      if (!(failure instanceof HttpFailure)) throw failure;
      return { kind: 'wrong', complaint: judgeFailure(failure, deps.timeout) };
    }
  }

  async function settle(code: string): Promise<Identity> {
    log.info('controller gives an answer that a restart gives too; asking who we are', { code });
    const settled = await settleDoubt(deps, ask);
    if (settled.kind === 'us') return settled.identity;
    throw error(settled.complaint);
  }

  async function identify(): Promise<Identity> {
    const first = await ask();
    if (first.kind === 'us') return first.identity;
    if (first.kind === 'wrong') throw error(first.complaint);
    return settle(first.complaint.code);
  }

  async function run<P, R>(script: Script<P, R>, parameters: P): Promise<Heard<R>> {
    const sentinel = Buffer.from(deps.random.bytes(16)).toString('hex');
    const letter = writeLetter({ parameters: JSON.stringify(parameters), sentinel, text: script.text });
    try {
      const answer = await exchange('POST', 'scriptText', `script=${encodeURIComponent(letter)}`);
      return judgeScript(answer, address.user, sentinel, script.result, deps.clock.now());
    } catch (failure) {
      if (!(failure instanceof HttpFailure)) throw failure;
      const complaint = judgeFailure(failure, deps.timeout);
      return failure.sent ? { kind: 'unclear', complaint } : { kind: 'not-run', complaint, doubt: false };
    }
  }

  async function read<P, R>(
    script: Script<P, R>,
    parameters: P,
  ): Promise<{ result: R; session: string; time: number }> {
    for (let attempt = 1; ; attempt++) {
      const heard = await run(script, parameters);
      if (heard.kind === 'result') return heard;
      if (heard.kind === 'threw')
        throw refuse('JEN_SCRIPT', { controller: address.name, script: script.name, reason: heard.error });
      if (attempt > 1 || !mayPass(heard)) throw error(heard.complaint);
      await settle(heard.complaint.code);
    }
  }

  async function post(path: string, form: Readonly<Record<string, string>>): Promise<string> {
    try {
      const answer = await exchange('POST', path, new URLSearchParams(form).toString());
      const verdict = judgeStatus(answer, address.user);
      if (verdict.kind === 'answered') return answer.body;
      throw error(verdict.complaint);
    } catch (failure) {
      if (!(failure instanceof HttpFailure)) throw failure;
      throw error(judgeFailure(failure, deps.timeout));
    }
  }

  return { identify, run, read, post, error };
}

const UNCLEAR: ReadonlySet<ErrorCode> = new Set(['JEN_ANSWER', 'JEN_REALM']);

/** Whether asking who we are can tell a restart from something that stays. */
function mayPass(heard: { kind: 'unclear' | 'not-run'; complaint: Complaint; doubt?: boolean }): boolean {
  return heard.kind === 'unclear' ? UNCLEAR.has(heard.complaint.code) : heard.doubt === true;
}

/** The part of an identity that the port shows. */
export function shown(identity: Identity): WhoAmI {
  return { name: identity.name, anonymous: identity.anonymous, authorities: identity.authorities };
}
