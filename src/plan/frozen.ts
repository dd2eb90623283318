import { inOneTurn, type Steps } from '../access/breather.ts';
import { A_STEP } from '../access/inSteps.ts';

/** Freezes a value to its depth; maps and sets are left as they are. */
export function frozen<T>(value: T): T {
  return inOneTurn(frozenSteps(value));
}

/** The same in steps, for lists of very many. */
export function* frozenSteps<T>(value: T): Steps<T> {
  const open: unknown[] = [value];
  for (let looked = 1; open.length > 0; looked++) {
    if (looked % A_STEP === 0) yield;
    const item = open.pop();
    if (item === null || typeof item !== 'object' || Object.isFrozen(item)) continue;
    if (item instanceof Map || item instanceof Set) continue;
    Object.freeze(item);
    for (const inner of Object.values(item)) if (typeof inner === 'object') open.push(inner);
  }
  return value;
}
