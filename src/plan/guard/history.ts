import type { GuardEvent, GuardEventKind } from './event.ts';
import type { GuardInput } from './input.ts';

/** What the windows hold, summed up; the order the events come in is irrelevant. */
export interface History {
  /** People of a connection who left within the window of losses and are not back. */
  disabled(connection: string): { readonly applied: ReadonlySet<string>; readonly held: ReadonlySet<string> };
  /** People of a connection who were renamed on this controller within the window of losses. */
  renamed(connection: string): { readonly applied: ReadonlySet<string>; readonly held: ReadonlySet<string> };
  /** Units lost on this controller within the window of losses and not there again. */
  readonly lostGrants: ReadonlySet<string>;
  /** Who lost administration of this controller and has not got it back. */
  readonly lostAdministrators: ReadonlySet<string>;
  /** Who gained administration anywhere within the window of gains, by `fleetKey`. */
  readonly newAdministrators: { readonly applied: ReadonlySet<string>; readonly held: ReadonlySet<string> };
  /** Units a person gained on this controller within the window of gains. */
  gained(person: string): { readonly applied: ReadonlySet<string>; readonly held: ReadonlySet<string> };
  readonly createdRoles: { readonly applied: ReadonlySet<string>; readonly held: ReadonlySet<string> };
  /** Whether the newest event in its window of this kind, or of its opposite, says the same already. */
  says(event: GuardEvent): boolean;
}

const OPPOSITE: { readonly [K in GuardEventKind]?: GuardEventKind } = {
  'grant-lost': 'grant-gained',
  'grant-gained': 'grant-lost',
  'administrator-lost': 'administrator-gained',
  'administrator-gained': 'administrator-lost',
};

const LOSSES: ReadonlySet<GuardEventKind> = new Set(['disabled', 'renamed', 'grant-lost', 'administrator-lost']);

export function historyOf(input: GuardInput): History {
  const { losses, gains } = input.config;
  const name = input.plan.controller;
  const within = (window: number) => input.history.filter(({ at }) => at > input.now - window);
  const lossEvents = within(losses.window);
  const gainEvents = within(gains.window);
  const here = ({ controller }: GuardEvent): boolean => controller === name;
  return {
    disabled: (connection) =>
      split(
        lossEvents.filter(
          (event) => event.kind === 'disabled' && event.connection === connection && !input.activeAgain.has(event.key),
        ),
      ),
    renamed: (connection) =>
      split(lossEvents.filter((event) => here(event) && event.kind === 'renamed' && event.connection === connection)),
    lostGrants: lost(lossEvents.filter(here), 'grant-lost'),
    lostAdministrators: lost(lossEvents.filter(here), 'administrator-lost'),
    newAdministrators: split(
      gainEvents
        .filter(({ kind }) => kind === 'administrator-gained')
        .map((event) => ({ ...event, key: fleetKey(event.controller, event.key, event.person) })),
    ),
    gained: byPerson(gainEvents.filter((event) => here(event) && event.kind === 'grant-gained')),
    createdRoles: split(gainEvents.filter((event) => here(event) && event.kind === 'role-created')),
    says: sayer(
      input.history.filter((event) => event.at > input.now - (LOSSES.has(event.kind) ? losses : gains).window),
    ),
  };
}

/** Tells people apart over the fleet; somebody who is not known counts anew on each controller. */
export function fleetKey(controller: string, holder: string, person: string | undefined): string {
  return person ?? `${controller}\u0000${holder}`;
}

function split(events: readonly GuardEvent[]) {
  const keys = (state: GuardEvent['state']) =>
    new Set(events.filter((event) => event.state === state).map(({ key }) => key));
  return { applied: keys('applied'), held: keys('held') };
}

function byPerson(events: readonly GuardEvent[]): History['gained'] {
  const grouped = Map.groupBy(events, ({ person }) => person);
  return (person) => split(grouped.get(person) ?? []);
}

/** Keys lost, or held for loss, that were not gained after the last loss. */
export function lost(events: readonly GuardEvent[], kind: 'grant-lost' | 'administrator-lost'): Set<string> {
  const last = new Map<string, number>();
  const back = new Map<string, number>();
  for (const event of events) {
    if (event.kind === kind) last.set(event.key, Math.max(event.at, last.get(event.key) ?? 0));
    else if (event.kind === OPPOSITE[kind] && event.state === 'applied')
      back.set(event.key, Math.max(event.at, back.get(event.key) ?? 0));
  }
  return new Set([...last].filter(([key, at]) => at >= (back.get(key) ?? -1)).map(([key]) => key));
}

function sayer(events: readonly GuardEvent[]): History['says'] {
  const latest = new Map<string, GuardEvent>();
  for (const event of events)
    for (const key of [topic(event, event.kind), topic(event, OPPOSITE[event.kind] ?? event.kind)]) {
      const known = latest.get(key);
      if (known === undefined || known.at < event.at || (known.at === event.at && event.state === 'applied'))
        latest.set(key, event);
    }
  return (event) => {
    const known = latest.get(topic(event, event.kind));
    return known !== undefined && known.kind === event.kind && known.state === event.state;
  };
}

function topic({ controller, key }: GuardEvent, kind: GuardEventKind): string {
  return `${controller}\u0000${kind}\u0000${key}`;
}
