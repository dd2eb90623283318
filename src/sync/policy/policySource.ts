import type { Kysely } from 'kysely';
import type { RunBy } from '../../access/operator.ts';
import type { Clock } from '../../access/ports/clock.ts';
import type { Log } from '../../access/ports/log.ts';
import type { Recorder } from '../../access/ports/recorder.ts';
import type { StorePort, Transaction } from '../../access/ports/store.ts';
import { isStoreFailure, refuse, ScimError } from '../../errors.ts';
import type { Witness } from '../../ledger/witness.ts';
import { boundAs } from '../../policy/bindingKey.ts';
import { compile } from '../../policy/compile.ts';
import { groupsThatCount } from '../../policy/counting.ts';
import { endedBy } from '../../policy/ended.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { nextUntil } from '../../policy/nextUntil.ts';
import { parsePolicy } from '../../policy/parse.ts';
import type { Policy, PolicyFile } from '../../policy/policy.ts';
import { readPolicy } from '../../policy/read.ts';
import { whyNot } from '../../policy/whyNot.ts';
import type { Tables } from '../../store/tables.ts';
import type { PolicyHolder } from '../state/context.ts';
import { forgetLostBindings } from '../state/stored.ts';
import type { PolicyInForce } from './policyInForce.ts';

interface PolicyHolderDeps {
  readonly path: string;
  readonly store: StorePort<Tables>;
  readonly recorder: Recorder<Transaction<Tables>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly witness: Pick<Witness, 'newestPolicy'>;
  /** Who brings a policy into force by what they ordered; absent in the service. */
  readonly operator?: string;
  readonly runBy?: RunBy;
}

/** A policy as the reconciler uses it; `newest` where it is an older one that was put back. */
function inForce(policy: Policy, newest?: Newest): PolicyInForce {
  const older = newest === undefined ? {} : { newest };
  return {
    digest: policy.digest,
    evaluate: (facts, target) => evaluate(policy, facts, target),
    counting: (facts) => groupsThatCount(policy, facts).union(newest?.counting(facts) ?? new Set()),
    whyNot: (facts, target, person, item) => whyNot(policy, facts, target, person, item),
    nextUntil: (now) => nextUntil(policy, now),
    endedBy: (time) => endedBy(policy, time),
    namesExternalIds: compile(policy).usesExternalIds || newest?.namesExternalIds === true,
    excepting: new Map(
      policy.rules.flatMap(({ id, unless }) => (unless.length > 0 ? [[id, unless.map(boundAs)]] : [])),
    ),
    ...older,
  };
}

type Newest = Pick<PolicyInForce, 'counting' | 'namesExternalIds' | 'evaluate'>;

/** What gives nothing to anybody. */
const NOTHING: Newest = {
  counting: () => new Set(),
  namesExternalIds: false,
  evaluate: () => ({
    ...{ policy: '', roles: [], grants: [], blocked: [], bind: [] },
    ...{ expired: [], frozen: [], beside: [], findings: [] },
  }),
};

/** A policy beside the newest one, where that is another; which one that is, and what it says, the database alone cannot tell. */
async function besideNewest(
  { store, witness }: Pick<PolicyHolderDeps, 'store' | 'witness'>,
  policy: Policy,
): Promise<PolicyInForce> {
  const files = await store.read(async (db) => {
    const digest = await witness.newestPolicy(db);
    if (digest === undefined || digest === policy.digest) return undefined;
    const row = await db.selectFrom('policies').select('files').where('digest', '=', digest).executeTakeFirst();
    return { digest, text: row?.files ?? '[]' };
  });
  if (files === undefined) return inForce(policy);
  const newest = policyIn(files.text);
  return inForce(policy, newest?.digest === files.digest ? inForce(newest) : NOTHING);
}

/** The policy in what is stored of one; undefined where somebody wrote anything else there. */
function policyIn(stored: string): Policy | undefined {
  try {
    return parsePolicy(JSON.parse(stored) as PolicyFile[], { stored: true }).policy;
  } catch {
    return undefined;
  }
}

/** Reads a policy that is not in force, for `plan --policy`: as it would be judged if it were. @throws ScimError POL_* */
export async function loadPolicy(
  path: string,
  deps: Pick<PolicyHolderDeps, 'store' | 'witness'>,
): Promise<PolicyInForce> {
  const policy = parsed(path);
  const known = await deps.store.read((db) =>
    db.selectFrom('policies').select('digest').where('digest', '=', policy.digest).executeTakeFirst(),
  );
  return known === undefined ? inForce(policy) : besideNewest(deps, policy);
}

function parsed(path: string, files: readonly PolicyFile[] = readPolicy(path)): Policy {
  const result = parsePolicy(files);
  if (result.policy === undefined) {
    const errors = result.findings.filter(({ level }) => level === 'error');
    throw refuse('POL_INVALID', { path, count: errors.length });
  }
  return result.policy;
}

/** The version that was activated last. */
function newestIn(db: Kysely<Tables>) {
  return db.selectFrom('policies').select(['digest', 'seq']).orderBy('seq', 'desc').limit(1).executeTakeFirst();
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
  witness,
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
      const policy = parsed(path, files);
      if (policy.digest !== held?.digest) await activate(policy, files);
      held = await besideNewest({ store, witness }, policy);
      text = now;
      problem = '';
      return held;
    } catch (error) {
      // A database in trouble says nothing about the file: the next look activates it.
      if (!(error instanceof ScimError) || isStoreFailure(error)) throw error;
      const last = await lastGood(held);
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

  /** The one that was activated last, by whichever replica: all of them work by the same. @param ours what this one works by */
  async function lastGood(ours: PolicyInForce | undefined): Promise<PolicyInForce | undefined> {
    const row = await store.read((db) =>
      db.selectFrom('policies').select(['digest', 'files']).orderBy('seq', 'desc').limit(1).executeTakeFirst(),
    );
    if (row === undefined || row.digest === ours?.digest) return ours;
    const stored = policyIn(row.files);
    if (ours !== undefined && stored?.digest !== row.digest) return ours;
    if (stored === undefined) throw refuse('POL_INVALID', { path, count: 1 });
    return besideNewest({ store, witness }, stored);
  }

  async function activate(policy: Policy, files: readonly PolicyFile[]): Promise<void> {
    const at = new Date(clock.now()).toISOString();
    // Most processes come to one that is in force: a command that only looks takes no lock.
    if ((await store.read(newestIn))?.digest === policy.digest) return;
    await store.write(async (tx) => {
      const last = await newestIn(tx.db);
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
