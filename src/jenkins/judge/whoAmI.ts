import { z } from 'zod';
import type { WhoAmI } from '../../access/ports/controller.ts';
import type { HttpAnswer } from '../../access/ports/http.ts';
import { listOf } from '../scripts/collection.ts';
import { boundedJson } from './boundedJson.ts';
import { type Complaint, judgeStatus } from './verdict.ts';

const shape = z.object({ name: z.string(), anonymous: z.boolean(), authorities: listOf(z.string()) });

/** Who the controller takes us for, and in which run of it (X-Jenkins-Session). */
export interface Identity extends WhoAmI {
  readonly session?: string;
}

export type WhoVerdict =
  | { readonly kind: 'us'; readonly identity: Identity }
  | { readonly kind: 'doubt' | 'wrong'; readonly complaint: Complaint };

/** Authorities that Spring adds for the way somebody logged in; no groups. */
const FACTOR = /^FACTOR_/i;

/** Judges an answer of `GET whoAmI/api/json`: only JSON with our own name, not anonymous, is a yes. */
export function judgeWhoAmI(answer: HttpAnswer, user: string): WhoVerdict {
  const status = judgeStatus(answer, user);
  if (status.kind !== 'answered') return status;
  if (answer.body.trim() === '')
    return doubt({ code: 'JEN_ANSWER', details: { reason: 'an empty 200: the request was not executed' } });
  const parsed = shape.safeParse(boundedJson(answer.body));
  if (!parsed.success)
    return { kind: 'wrong', complaint: { code: 'JEN_ANSWER', details: { reason: 'what answers is no Jenkins' } } };
  const { name, anonymous, authorities } = parsed.data;
  if (anonymous) return doubt({ code: 'JEN_CREDENTIAL', details: { user } });
  if (name.toLowerCase() !== user.toLowerCase())
    return doubt({ code: 'JEN_WRONG_USER', details: { found: JSON.stringify(name.slice(0, 100)), user } });
  const session = answer.headers['x-jenkins-session'];
  const identity = { name, anonymous, authorities: authorities.filter((one) => !FACTOR.test(one)) };
  return { kind: 'us', identity: session === undefined ? identity : { ...identity, session } };
}

function doubt(complaint: Complaint): WhoVerdict {
  return { kind: 'doubt', complaint };
}
