import type { RunBy } from '../access/operator.ts';
import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import type { Recorder } from '../access/ports/recorder.ts';
import type { StorePort, Transaction } from '../access/ports/store.ts';
import { isStoreFailure, refuse, ScimError } from '../errors.ts';
import { groupsThatCount } from '../policy/counting.ts';
import { endedBy } from '../policy/ended.ts';
import { evaluate } from '../policy/evaluate.ts';
import { nextUntil } from '../policy/nextUntil.ts';
import { parsePolicy } from '../policy/parse.ts';
import type { Policy, PolicyFile } from '../policy/policy.ts';
import { readPolicy } from '../policy/read.ts';
import { whyNot } from '../policy/whyNot.ts';
import type { Tables } from '../store/tables.ts';
import type { PolicyHolder } from './context.ts';
import type { PolicyInForce } from './policyInForce.ts';
import { forgetLostBindings } from './stored.ts';

interface PolicyHolderDeps {
  readonly path: string;
  readonly store: StorePort<Tables>;
  readonly recorder: Recorder<Transaction<Tables>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Who brings a policy into force by what they ordered; absent in the service. */
  readonly operator?: string;
  readonly runBy?: RunBy;
}

/** A policy as the reconciler uses it. */
function inForce(policy: Policy): PolicyInForce {
  return {
    digest: policy.digest,
    evaluate: (facts, target) => evaluate(policy, facts, target),
    counting: (facts) => groupsThatCount(policy, facts),
    whyNot: (facts, target, person, item) => whyNot(policy, facts, target, person, item),
    nextUntil: (now) => nextUntil(policy, now),
    endedBy: (time) => endedBy(policy, time),
    excepting: new Set(policy.rules.flatMap(({ id, unless }) => (unless.length > 0 ? [id] : []))),
  };
}

/** Reads a policy that is not in force, for `plan --policy`. @throws ScimError POL_* */
export function loadPolicy(path: string): PolicyInForce {
  return inForce(parsed(readPolicy(path)));
}

function parsed(files: readonly PolicyFile[]): Policy {
  const result = parsePolicy([...files]);
  if (result.policy === undefined) {
    const errors = result.findings.filter(({ level }) => level === 'error');
    throw refuse('POL_INVALID', { count: errors.length });
  }
  return result.policy;
}

/** How long an answer holds: files are not read for every pass. */
const FRESH_MS = 1_000;

/**
 * Gives the policy in force. The file is looked at once a second at most; a broken one keeps the last good one, which is stored,
 * so that it outlives a restart (semantics §10). Each activation is a record.
 */
export function createPolicyHolder({
  path,
  store,
  recorder,
  clock,
  log,
  operator,
  runBy,
}: PolicyHolderDeps): PolicyHolder {
  let held: PolicyInForce | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let text = '';
  let problem = '';
  let refused: ScimError | undefined;
  let reading: Promise<PolicyInForce> | undefined;

  async function look(): Promise<PolicyInForce> {
    readAt = clock.monotonic();
    refused = undefined;
    try {
      const files = readPolicy(path);
      const now = JSON.stringify(files);
      if (held !== undefined && now === text) return held;
      const policy = parsed(files);
      if (policy.digest !== held?.digest) await activate(policy, files);
      text = now;
      problem = '';
      held = inForce(policy);
      return held;
    } catch (error) {
      // A database in trouble says nothing about the file: the next look activates it.
      if (!(error instanceof ScimError) || isStoreFailure(error)) throw error;
      const last = held ?? (await lastGood());
      if (last === undefined) {
        refused = error;
        throw error;
      }
      if (problem !== error.message)
        log.error('the policy is broken; the last good one stays in force', {
          code: error.code,
          reason: error.message,
        });
      problem = error.message;
      held = last;
      text = '';
      return last;
    }
  }

  async function lastGood(): Promise<PolicyInForce | undefined> {
    const row = await store.read((db) =>
      db.selectFrom('policies').select('files').orderBy('seq', 'desc').limit(1).executeTakeFirst(),
    );
    return row === undefined ? undefined : inForce(parsed(JSON.parse(row.files) as PolicyFile[]));
  }

  async function activate(policy: Policy, files: readonly PolicyFile[]): Promise<void> {
    const at = new Date(clock.now()).toISOString();
    await store.write(async (tx) => {
      const last = await tx.db
        .selectFrom('policies')
        .select(['digest', 'seq'])
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (last?.digest === policy.digest) return;
      const values = { files: JSON.stringify(files), activated_at: at, seq: (last?.seq ?? 0) + 1 };
      await tx.db
        .insertInto('policies')
        .values({ digest: policy.digest, ...values })
        .onConflict((conflict) => conflict.column('digest').doUpdateSet(values))
        .execute();
      if (last !== undefined) await forgetLostBindings(tx.db, policy.rules);
      await recorder.record(tx, {
        kind: 'policy.activated',
        actor: operator ?? 'sync',
        subject: { kind: 'policy', id: policy.digest },
        body: {
          ...{ digest: policy.digest, previous: last?.digest ?? null, files: files.map((file) => file.path) },
          ...(runBy === undefined ? {} : { from: { user: runBy.user, host: runBy.host, ...versionOf(runBy) } }),
        },
      });
    });
  }

  return {
    async current() {
      if (clock.monotonic() - readAt < FRESH_MS) {
        if (held !== undefined) return held;
        if (refused !== undefined) throw refused;
      }
      reading ??= look().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
}

function versionOf({ version }: RunBy): Pick<RunBy, 'version'> {
  return version === undefined ? {} : { version };
}
