import type { Step } from '../chaos/step.ts';
import type { Walker } from '../chaos/walker.ts';
import { bulkHire } from './bulkHire.ts';

/** What happens while a call goes wrong, after a beginning that nothing disturbs. */
export interface Scenario {
  readonly name: string;
  readonly tight?: boolean;
  /** One request does several things one after the other: who asks again does some of them twice. */
  readonly inParts?: true;
  readonly before: readonly Step[];
  readonly steps: readonly (Step | ((walker: Walker) => Promise<void>))[];
}

const ANA = 0;
const BO = 1;
const CY = 2;
const DEE = 3;
const EVE = 5;
const person = (who: number, external: number): Step => ({ do: 'create', who, at: 0, inactive: false, external });
const group = (name: number, members: readonly number[]): Step => ({ do: 'group', name, at: 0, members });
const LOOK: Step = { do: 'look', whole: true };
/** By their order: people as they were made, groups likewise. */
export const FOUNDING: readonly Step[] = [
  ...[person(ANA, 0), person(BO, 1), person(CY, 2), person(DEE, 7)],
  // jenkins-admins, ci-users, ci-pay-dev, ci-web-dev, auditors
  ...[group(0, [0]), group(1, [0, 1, 2]), group(2, [1, 2]), group(3, [3]), group(6, [1])],
];
const hand = (edit: number, who: number, role = 0): Step => ({ do: 'hand', on: 0, edit, who, role });
const GRANT = 0;
const MINT = 4;
const SSH = 14;
const members = (of: number, who: readonly number[], how: number): Step => ({ do: 'members', group: of, who, how });
const active = (who: number, on: boolean): Step => ({ do: 'active', who, on, how: 0 });

export const SCENARIOS: readonly Scenario[] = [
  { name: 'hire', before: [], steps: [person(EVE, 5), members(1, [4], 0), members(2, [1, 2, 4], 3)] },
  {
    name: 'mover',
    before: [hand(MINT, BO)],
    steps: [members(2, [1], 1), members(3, [1], 0), { do: 'rename', who: 1, to: EVE, how: 0 }],
  },
  {
    name: 'leaver',
    before: [hand(MINT, BO), hand(SSH, BO), hand(GRANT, BO, 2), LOOK],
    steps: [active(1, false), { do: 'time', by: 0 }],
  },
  { name: 'deleted', before: [hand(MINT, BO), LOOK], steps: [{ do: 'delete', who: 1, how: 0 }] },
  {
    name: 'back',
    before: [hand(MINT, BO), LOOK],
    steps: [active(1, false), { do: 'look', whole: false }, active(1, true)],
  },
  { name: 'deleted-and-made-anew', before: [hand(MINT, BO), LOOK], steps: [{ do: 'again', who: 1 }] },
  {
    name: 'held-loss',
    tight: true,
    before: [],
    steps: [active(1, false), active(2, false), { do: 'held', which: 0, reject: false }],
  },
  {
    name: 'group-deleted',
    before: [],
    steps: [
      { do: 'delete-group', group: 1 },
      { do: 'held', which: 0, reject: false },
    ],
  },
  {
    name: 'edited-role',
    before: [hand(GRANT, DEE, 4), LOOK],
    steps: [
      { do: 'policy', edit: 5, who: 0 },
      { do: 'held', which: 0, reject: false },
    ],
  },
  { name: 'policy-renames-a-role', before: [hand(GRANT, DEE, 1), LOOK], steps: [{ do: 'policy', edit: 12, who: 0 }] },
  {
    name: 'policy-without-a-rule',
    before: [],
    steps: [
      { do: 'policy', edit: 3, who: 0 },
      { do: 'held', which: 0, reject: false },
    ],
  },
  {
    name: 'policy-ends',
    before: [],
    steps: [
      { do: 'policy', edit: 6, who: 3 },
      { do: 'time', by: 2 },
    ],
  },
  {
    name: 'away-and-back',
    before: [hand(MINT, BO), LOOK],
    steps: [
      { do: 'down', on: 0, up: false },
      active(1, false),
      person(EVE, 5),
      members(1, [4], 0),
      { do: 'down', on: 0, up: true },
    ],
  },
  { name: 'swap', inParts: true, before: [], steps: [{ do: 'swap', who: 1, with: 3 }] },
  {
    name: 'now-and-lift',
    before: [hand(MINT, BO), LOOK],
    steps: [
      { do: 'now', who: 1, lift: false, hasty: false },
      { do: 'now', who: 1, lift: true, hasty: false },
    ],
  },
  { name: 'adopt', before: [hand(GRANT, DEE, 1), LOOK], steps: [{ do: 'adopt' }, members(1, [3], 0)] },
  { name: 'bulk-with-references', inParts: true, before: [], steps: [bulkHire] },
  { name: 'identity', before: [], steps: [{ do: 'identity', on: 0, apply: true }] },
  {
    name: 'hands',
    before: [],
    steps: [hand(2, BO, 2), hand(6, BO, 4), hand(5, BO, 1), { do: 'restart-controller', on: 0 }],
  },
];
