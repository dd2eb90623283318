import type { Kysely } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import { foldId, type IdStrategy } from '../../access/principal.ts';
import { type RoleKey, roleKey } from '../../access/role.ts';
import { isLeaverStep, type Step } from '../../plan/step.ts';
import type { HeldTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { isUnpaid } from '../leavers/unpaid.ts';
import type { Situation } from '../pass/situation.ts';
import { heldOf as heldOfPeople } from '../state/stored.ts';

/** With what waits at ids of these people and is stored of others who owe there: of several, it is of one of them. */
export async function withHeldBeside(
  db: Kysely<Tables>,
  controller: string,
  situation: Situation,
  breathe: Breathe,
): Promise<Situation> {
  const { whom, owing, held } = situation;
  if (whom === 'all') return situation;
  const others = new Set(owing.flatMap(({ person }) => (whom.has(person) ? [] : [person])));
  if (others.size === 0) return situation;
  const beside = (await heldOfPeople(db, controller, others, breathe)).filter(({ step }) =>
    isLeaverStep(JSON.parse(step) as Step),
  );
  return { ...situation, held: [...held, ...beside] };
}

/** By role, what holds a step of this kind, for somebody or about nobody. */
export function heldOf(situation: Situation, person: string | undefined, kind: 'grant' | 'update-role'): Held {
  return heldBy(situation, (step) => (step.kind === kind && step.person === person ? [step.role] : []));
}

/** By role, what holds that somebody loses it: the grant alone, or all that stands at the id of who left. */
export function heldLosses(situation: Situation, person: string, ids: IdStrategy): Held {
  const owes = new Set(
    situation.debts.flatMap((debt) => (debt.person === person && isUnpaid(debt) ? [debt.folded_id] : [])),
  );
  return heldBy(situation, (step) => {
    if (step.person !== person && !(isLeaverStep(step) && owes.has(foldId(step.principal.id, ids)))) return [];
    if (step.kind === 'revoke') return [step.role];
    return step.kind === 'remove-entries' ? (step.entries ?? []).map(({ role }) => role) : [];
  });
}

/** Ids that somebody gave up, with what holds that they are cut off there. */
export function heldIds({ held }: Situation, person: string): { readonly id: string; readonly held: string }[] {
  const found = new Map<string, string>();
  for (const { step: text, ceiling, state } of held) {
    const step = JSON.parse(text) as Step;
    if (!isLeaverStep(step) || step.cause !== 'old-id' || step.person !== person || state === 'released') continue;
    found.set(step.principal.id, whyHeld(ceiling, state));
  }
  return [...found].map(([id, why]) => ({ id, held: why }));
}

function whyHeld(ceiling: string, state: HeldTable['state']): string {
  return state === 'rejected' ? `${ceiling}, and a release was refused` : ceiling;
}

type Held = ReadonlyMap<string, string>;

function heldBy({ held }: Situation, rolesOf: (step: Step) => readonly RoleKey[]): Held {
  return new Map(
    held.flatMap(({ step, ceiling, state }) => {
      if (state === 'released') return [];
      return rolesOf(JSON.parse(step) as Step).map((role): [string, string] => [
        roleKey(role),
        whyHeld(ceiling, state),
      ]);
    }),
  );
}
