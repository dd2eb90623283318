import type { Kysely } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import type { Witness } from '../../ledger/witness.ts';
import { stepDigest } from '../../plan/digest.ts';
import type { Plan } from '../../plan/plan.ts';
import type { GrantStep } from '../../plan/step.ts';
import { externalKey } from '../../policy/bindingKey.ts';
import { type Binding, nameKey } from '../../policy/facts.ts';
import type { Tables } from '../../store/tables.ts';
import { KeptOut } from './keptOut.ts';

type Db = Kysely<Tables>;

type Bound = Pick<Binding, 'connection' | 'group' | 'nameKey'>;

interface Known {
  /** What groups are bound as, by what is stored and by the evaluation that the plan is made from. */
  readonly bindings: readonly Bound[];
  /** By rule with `unless`, what its groups are bound as. */
  readonly excepting: ReadonlyMap<string, readonly string[]>;
}

/**
 * Steps (`stepDigest`) that would make somebody an administrator by what no verifying record tells, be it who they are, what the group
 * is called, that they are in it, or that they are not in the one of an `unless`: whoever can write to the database alone must not become one (security.md), nor by saying there that
 * it had been so before: a repair needs the records, too.
 */
export async function unprovenOf(
  db: Db,
  { steps }: Plan,
  known: Known,
  witness: Witness,
  breathe: Breathe,
): Promise<Set<string>> {
  const unproven = new Set<string>();
  const proof = new Proof(db, known, witness, breathe);
  for (const step of steps) {
    if (step.kind !== 'grant' || !step.administrative || step.person === undefined) continue;
    if (!(await proof.of(step, step.person))) unproven.add(stepDigest(step));
  }
  return unproven;
}

class Proof {
  readonly #db: Db;
  readonly #known: Known;
  readonly #witness: Witness;
  readonly #groups: ProvenGroups;
  readonly #keptOut: KeptOut;

  constructor(db: Db, known: Known, witness: Witness, breathe: Breathe) {
    this.#db = db;
    this.#known = known;
    this.#witness = witness;
    this.#groups = new ProvenGroups(db, known.bindings, witness);
    this.#keptOut = new KeptOut(db, witness, breathe);
  }

  async of({ reasons }: GrantStep, person: string): Promise<boolean> {
    const row = await this.#db.selectFrom('users').selectAll().where('id', '=', person).executeTakeFirst();
    if (row === undefined || !(await this.#witness.person(this.#db, row))) return false;
    const groups = new Set<string>();
    for (const { rule, groupId } of reasons) {
      if (!(await this.#isFree(rule, row))) continue;
      // A rule that names the person rests on the policy and on who they are.
      if (groupId === undefined) return true;
      if (await this.#groups.has(groupId)) groups.add(groupId);
    }
    return groups.size > 0 && leads(this.#db, person, groups, this.#witness);
  }

  /** Whether no record says that an `unless` of the rule keeps it from the person. */
  async #isFree(rule: string, { id, connection }: Pick<Tables['users'], 'id' | 'connection'>): Promise<boolean> {
    for (const key of this.#known.excepting.get(rule) ?? []) {
      // The evaluation's own is the newest.
      const bound = this.#known.bindings.findLast((one) => one.connection === connection && one.nameKey === key);
      if (bound === undefined || !(await this.#groups.has(bound.group))) return false;
      if (!(await this.#keptOut.is(id, bound.group))) return false;
    }
    return true;
  }
}

/** Groups that had, by records, the names they have, and the names and externalIds that rules know them by. Each is asked about once. */
class ProvenGroups {
  readonly #db: Db;
  readonly #witness: Witness;
  readonly #keys: ReadonlyMap<string, readonly Pick<Binding, 'nameKey'>[]>;
  readonly #known = new Map<string, boolean>();

  constructor(db: Db, bindings: readonly Pick<Binding, 'group' | 'nameKey'>[], witness: Witness) {
    this.#db = db;
    this.#keys = Map.groupBy(bindings, ({ group }) => group);
    this.#witness = witness;
  }

  async has(group: string): Promise<boolean> {
    const known = this.#known.get(group) ?? (await this.#ask(group));
    this.#known.set(group, known);
    return known;
  }

  async #ask(group: string): Promise<boolean> {
    const row = await this.#db.selectFrom('groups').select('display_name').where('id', '=', group).executeTakeFirst();
    if (row === undefined) return false;
    const { names, externalIds } = await this.#witness.group(this.#db, group);
    const recorded = new Set([...[...names].map(nameKey), ...[...externalIds].map(externalKey)]);
    const keys = (this.#keys.get(group) ?? []).map((binding) => binding.nameKey);
    return [nameKey(row.display_name), ...keys].every((key) => recorded.has(key));
  }
}

/** Whether a way of edges that are all witnessed leads from a person to one of the groups. */
async function leads(db: Db, person: string, groups: ReadonlySet<string>, witness: Witness): Promise<boolean> {
  const seen = new Set([person]);
  let level = [person];
  while (level.length > 0) {
    const edges = await db
      .selectFrom('members')
      .select(['group_id as group', 'member_id as member', 'request'])
      .where('member_id', 'in', level)
      .execute();
    level = [];
    for (const edge of edges) {
      if (seen.has(edge.group) || !(await witness.edge(db, edge))) continue;
      if (groups.has(edge.group)) return true;
      seen.add(edge.group);
      level.push(edge.group);
    }
  }
  return false;
}
