import { guard } from '../../../src/config/guard.ts';
import type { GuardConfig } from '../../../src/config/schema.ts';
import type { GuardEvent } from '../../../src/plan/guard/event.ts';
import type { GuardInput } from '../../../src/plan/guard/input.ts';
import { judge } from '../../../src/plan/guard/judge.ts';
import type { PlanInput } from '../../../src/plan/input.ts';
import type { Verdict } from '../../../src/plan/plan.ts';
import { makePlan } from '../../../src/plan/planner.ts';
import { CATALOGUE, NOW, planInput, type Scenario, short } from '../make.ts';

export const MINUTE = 60_000;

/** The defaults of the product, with some ceilings changed. */
export function config(
  change: { losses?: Partial<GuardConfig['losses']>; gains?: Partial<GuardConfig['gains']> } = {},
): GuardConfig {
  const defaults = guard.parse({});
  return { losses: { ...defaults.losses, ...change.losses }, gains: { ...defaults.gains, ...change.gains } };
}

/** A guard input for the plan of this input; administrators that work, trusted time, nothing in the history. */
export function guardInput(input: PlanInput, change: Partial<GuardInput> = {}): GuardInput {
  const people = new Map([...input.identities.owners.values()].map(({ person, connection }) => [person, connection]));
  return {
    plan: change.plan ?? makePlan(input),
    observed: input.observed,
    capabilities: { userIds: 'case-insensitive', groupIds: 'case-insensitive', permissions: CATALOGUE },
    renamed: input.identities.owed.filter(({ cause }) => cause === 'old-id'),
    mode: 'enforce',
    by: 'automatic',
    config: config(),
    history: [],
    populations: { people: new Map([['okta', 1000]]), grants: 10_000, groups: [] },
    connections: people,
    reaches: () => true,
    activeAgain: new Set(),
    waiting: new Map(),
    released: new Set(),
    exempt: new Set(),
    service: 'jenkins-scim',
    workingAdministrators: ['admin'],
    timeTrusted: true,
    now: NOW,
    ...change,
  };
}

/** What the guard makes of a scenario, in short. */
export function verdict(scenario: Scenario, change: Partial<GuardInput> = {}) {
  return shown(judge(guardInput(planInput(scenario), change)));
}

export function shown(found: Verdict) {
  return {
    go: found.go.map(short),
    held: found.held.map(({ step, ceiling }) => `${short(step)}: ${ceiling}`),
    events: found.events,
    findings: found.findings.map(({ code }) => code),
  };
}

export function event(
  kind: GuardEvent['kind'],
  key: string,
  minutesAgo: number,
  change: Partial<GuardEvent> = {},
): GuardEvent {
  return {
    at: NOW - minutesAgo * MINUTE,
    controller: 'ci',
    kind,
    key,
    administrative: false,
    state: 'applied',
    ...change,
  };
}
