import { digest } from '../access/canonical.ts';
import type { RoleDefinition } from '../access/role.ts';
import type { Step } from './step.ts';

/**
 * SHA-256 of one step with its before-values, without its reasons, cause and person: what would be done, to what. Who leaves
 * loses whatever stands at the id by then: what stood there when it was planned makes no other step of it.
 */
export function stepDigest(step: Step): string {
  const { reasons: _, cause: __, person: ___, ...what } = step;
  if (!('entries' in what) || what.exactly === true) return digest(what);
  const { entries: ____, ...whole } = what;
  return digest(whole);
}

/** SHA-256 over sorted step digests (semantics §5): the same for any order, whatever the reasons are, and however many owe one step. */
export function digestOf(steps: readonly Step[]): string {
  return digestOfAll([...new Set(steps.map(stepDigest))]);
}

/** The same, of steps whose digests are known. */
export function digestOfAll(digests: readonly string[]): string {
  return digest(digests.toSorted());
}

/** SHA-256 of a role's definition, without its entries. */
export function definitionDigest({ type, name, pattern, permissions, template }: RoleDefinition): string {
  return digest({ type, name, pattern, permissions: [...permissions].sort(), template: template || undefined });
}
