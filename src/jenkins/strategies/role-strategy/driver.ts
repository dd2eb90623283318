import type { BatchOutcome, Observed, StrategyBatch } from '../../../access/ports/controller.ts';
import { roleKey } from '../../../access/role.ts';
import { ScimError } from '../../../errors.ts';
import type { Connection } from '../../connection.ts';
import type { Complaint } from '../../judge/verdict.ts';
import { type Refused, refusal } from '../../refusal.ts';
import { probe } from '../../scripts/probe.ts';
import { apply } from './apply.ts';
import { firstLetter, Preconditions, toChanges, toObserved } from './batch.ts';
import { fingerprint } from './fingerprint.ts';
import { observe } from './observe.ts';
import { CLASS, notActive, strategyProblem } from './problem.ts';
import type { RoleReply } from './role.ts';

/** Milliseconds of changes in one script, so that saving and reading back fit the second as well. */
const BUDGET = 500;

/** What an authorization strategy must be able to do. Another strategy is another folder with one of these. */
interface StrategyDriver {
  observe(): Promise<Observed>;
  fingerprint(): Promise<{ readonly fingerprint: string; readonly session: string }>;
  apply(batch: StrategyBatch): Promise<BatchOutcome>;
}

/** Role-strategy by script. */
export function roleStrategy(connection: Connection, lineage: string): StrategyDriver {
  return {
    async observe() {
      const { result, session, time } = await explained(connection, () => connection.read(observe, {}));
      if (result.roles === null) throw await anotherActive(connection, result.strategy);
      const roles = Object.freeze(result.roles.map(toObserved));
      return Object.freeze({ roles, session, fingerprint: result.fingerprint, time });
    },

    async fingerprint() {
      const { result, session } = await explained(connection, () => connection.read(fingerprint, {}));
      if (result.strategy !== CLASS) throw await anotherActive(connection, result.strategy);
      return { fingerprint: result.fingerprint, session };
    },

    apply: (batch) => applyBatch(connection, lineage, batch),
  };
}

async function applyBatch(connection: Connection, lineage: string, batch: StrategyBatch): Promise<BatchOutcome> {
  const preconditions = new Preconditions(batch);
  const before = await connection.identify();
  let changes = toChanges(batch.changes);
  const roles = new Map<string, RoleReply>();
  let saves = 0;
  let session = before.session;
  const partly = (reason: string): BatchOutcome => ({ outcome: 'unknown', reason });
  do {
    const sent = firstLetter(changes);
    const wanted = preconditions.of(sent);
    const heard = await connection.run(apply, {
      fence: batch.fence,
      lineage,
      preconditions: wanted,
      changes: [...sent],
      keepAdministrators: [...batch.keepAdministrators],
      budget: BUDGET,
    });
    if (heard.kind === 'unclear' || (heard.kind === 'threw' && heard.touched)) return partly(told(connection, heard));
    if (heard.kind !== 'result') {
      if (saves > 0) return partly(told(connection, heard));
      throw await refused(connection, heard);
    }
    if (session !== undefined && heard.session !== session) return partly('it was restarted meanwhile');
    session = heard.session;
    const { result } = heard;
    if (result.outcome !== 'done') {
      if (saves > 0) return partly(`a part was saved, then: ${result.reason}`);
      if (result.outcome === 'refused') throw scriptError(connection, result.reason);
      return result;
    }
    if (result.applied === 0 && sent.length > 0) return partly('the script applied nothing');
    preconditions.become(wanted, result.roles);
    for (const role of wanted) roles.delete(roleKey(role));
    for (const role of result.roles) roles.set(roleKey(role), role);
    saves += result.saves;
    changes = changes.slice(result.applied);
  } while (changes.length > 0);
  const after = await identity(connection);
  if (after === undefined) return partly('who we are could not be proven after the batch');
  if (session !== undefined && after.session !== undefined && after.session !== session)
    return partly('it was restarted meanwhile');
  return { outcome: 'done', observed: [...roles.values()].map(toObserved), saves };
}

/** Who we are, or undefined where that cannot be found out. */
async function identity(connection: Connection): Promise<{ readonly session?: string } | undefined> {
  try {
    return await connection.identify();
  } catch (error) {
    if (error instanceof ScimError) return undefined;
    throw error;
  }
}

type Silent = { readonly complaint: Complaint } | { readonly error: string };

/** The error for a script that certainly changed nothing. */
async function refused(connection: Connection, heard: Refused | { readonly error: string }): Promise<ScimError> {
  if ('error' in heard) return (await oldPlugin(connection, heard.error)) ?? scriptError(connection, heard.error);
  return refusal(connection, heard);
}

function told(connection: Connection, heard: Silent): string {
  return 'error' in heard ? heard.error : connection.error(heard.complaint).message;
}

function scriptError(connection: Connection, reason: string): ScimError {
  return connection.error({ code: 'JEN_SCRIPT', details: { script: 'apply', reason } });
}

/** JEN_STRATEGY; `inForce` tells those who have nothing to do with roles that they can go on. */
function anotherActive(connection: Connection, inForce: string): Promise<ScimError> {
  return unusable(connection, notActive(inForce), { inForce });
}

/** JEN_STRATEGY with the first thing that is wrong: plugin missing, too old, or not the active strategy. */
async function unusable(connection: Connection, otherwise: string, more = {}): Promise<ScimError> {
  const { result } = await connection.read(probe, {});
  return connection.error({ code: 'JEN_STRATEGY', details: { reason: strategyProblem(result) ?? otherwise, ...more } });
}

/** role-strategy before 657 has no typed entries: their class cannot be loaded. */
async function oldPlugin(connection: Connection, error: string): Promise<ScimError | undefined> {
  if (!/ClassNotFoundException: com\.michelin\./.test(error)) return undefined;
  return unusable(connection, 'role-strategy is older than 657');
}

async function explained<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ScimError && error.code === 'JEN_SCRIPT')
      throw (await oldPlugin(connection, String(error.details.reason))) ?? error;
    throw error;
  }
}
