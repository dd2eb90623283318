import { type Binding, nameKey } from './facts.ts';
import type { Rule } from './policy.ts';

/** No name of a group begins so. */
const PREFIX = '\u001fuser\u001f';

/** A rule for one person, and the name it has for them. */
interface Named {
  readonly rule: string;
  readonly nameKey: string;
}

/**
 * Where a rule for one person keeps whom its name meant first; undefined for other rules. Another id of the rule, or another name in it,
 * is another place: that is how somebody says who is meant now.
 */
export function namedSlot({ id, subject }: Pick<Rule, 'id' | 'subject'>): string | undefined {
  return subject.kind === 'user' ? `${PREFIX}${id}\u001f${nameKey(subject.user)}` : undefined;
}

export function isNamedSlot(slot: string): boolean {
  return slot.startsWith(PREFIX);
}

/** What a slot stands for; undefined for a binding of a group. */
export function namedIn(slot: string): Named | undefined {
  if (!isNamedSlot(slot)) return undefined;
  const [rule = '', ...name] = slot.slice(PREFIX.length).split('\u001f');
  return { rule, nameKey: name.join('\u001f') };
}

/** The bindings of groups. */
export function ofGroups(bindings: readonly Binding[]): readonly Binding[] {
  return bindings.some((binding) => isNamedSlot(binding.nameKey))
    ? bindings.filter((binding) => !isNamedSlot(binding.nameKey))
    : bindings;
}

/** Whom rules for one person are bound to: SCIM ids by connection and slot. */
export class NamedPeople {
  readonly #bound = new Map<string, string>();

  constructor(bindings: readonly Binding[]) {
    for (const { connection, nameKey: slot, group } of bindings)
      if (isNamedSlot(slot)) this.#bound.set(`${connection}\u0000${slot}`, group);
  }

  /** The SCIM id of whom the rule's name meant first; undefined where it has met nobody. */
  of(rule: Pick<Rule, 'id' | 'subject'>, connection: string): string | undefined {
    return this.#bound.get(`${connection}\u0000${namedSlot(rule)}`);
  }
}
