/** One step of a walk; numbers choose among what there is then. */
export type Step =
  | {
      readonly do: 'create';
      readonly who: number;
      readonly at: number;
      readonly inactive: boolean;
      readonly external: number;
    }
  | { readonly do: 'rename'; readonly who: number; readonly to: number; readonly how: number }
  | { readonly do: 'person-external'; readonly who: number; readonly to: number; readonly how: number }
  | { readonly do: 'active'; readonly who: number; readonly on: boolean; readonly how: number }
  | { readonly do: 'delete'; readonly who: number; readonly how: number }
  | { readonly do: 'swap'; readonly who: number; readonly with: number }
  | { readonly do: 'again'; readonly who: number }
  | { readonly do: 'group'; readonly name: number; readonly at: number; readonly members: readonly number[] }
  | { readonly do: 'members'; readonly group: number; readonly who: readonly number[]; readonly how: number }
  | { readonly do: 'nest'; readonly group: number; readonly into: number; readonly out: boolean }
  | { readonly do: 'rename-group'; readonly group: number; readonly to: number; readonly how: number }
  | { readonly do: 'delete-group'; readonly group: number }
  | { readonly do: 'policy'; readonly edit: number; readonly who: number }
  | { readonly do: 'broken-policy' }
  | { readonly do: 'mode'; readonly on: number; readonly to: number }
  | { readonly do: 'pause'; readonly on: number; readonly resume: boolean; readonly hold: boolean }
  | { readonly do: 'clock'; readonly back: boolean }
  | { readonly do: 'configured'; readonly on: number; readonly back: boolean; readonly letGo: boolean }
  | { readonly do: 'let-go'; readonly on: number }
  | { readonly do: 'scopes'; readonly who: number; readonly group: number; readonly how: number }
  | { readonly do: 'held'; readonly which: number; readonly reject: boolean }
  | { readonly do: 'now'; readonly who: number; readonly lift: boolean; readonly hasty: boolean }
  | { readonly do: 'adopt' }
  | { readonly do: 'hand'; readonly on: number; readonly edit: number; readonly who: number; readonly role: number }
  | { readonly do: 'restart-controller'; readonly on: number }
  | { readonly do: 'trouble'; readonly on: number; readonly kinds: readonly number[] }
  | { readonly do: 'kill'; readonly after: number }
  | { readonly do: 'restart' }
  | { readonly do: 'second'; readonly on: boolean }
  | { readonly do: 'time'; readonly by: number }
  | { readonly do: 'external'; readonly group: number; readonly to: number }
  | { readonly do: 'pause-connection'; readonly at: number; readonly resume: boolean }
  | { readonly do: 'disown' }
  | { readonly do: 'release-id'; readonly who: number }
  | { readonly do: 'identity'; readonly on: number; readonly apply: boolean }
  | { readonly do: 'primary' }
  | { readonly do: 'ceilings'; readonly to: number }
  | { readonly do: 'freeze'; readonly on: boolean }
  | { readonly do: 'down'; readonly on: number; readonly up: boolean }
  | { readonly do: 'front'; readonly after: number; readonly lose: boolean }
  | {
      readonly do: 'begin';
      readonly tight: boolean;
      readonly speaks: readonly number[];
      readonly named?: readonly boolean[];
    }
  | { readonly do: 'moment'; readonly who: number; readonly how: number }
  | { readonly do: 'race'; readonly who: number; readonly to: number }
  | {
      readonly do: 'partly';
      readonly who: number;
      readonly at: number;
      readonly group: number;
      readonly stops: boolean;
    }
  | { readonly do: 'backup'; readonly copied: boolean; readonly hasty: boolean }
  | { readonly do: 'dark'; readonly steps: number }
  | { readonly do: 'look'; readonly whole: boolean };

/** A step of one kind. */
export type Of<K extends Step['do']> = Extract<Step, { readonly do: K }>;
