import type { GroupChange } from '../groupChange.ts';
import type { MemberRef } from '../resource.ts';

export type MemberChange = Exclude<GroupChange, { readonly op: 'attributes' }>;

/** Changes of members that follow each other and are one: all additions, or all removals, or a single change of another kind. */
export class MemberRun {
  readonly #members = new Map<string, MemberRef>();
  #last: MemberChange | undefined;

  get isEmpty(): boolean {
    return this.#last === undefined;
  }

  /** Whether the change can become part of the run. */
  takes(change: GroupChange): boolean {
    const { op } = change;
    return this.#last === undefined || (this.#last.op === op && (op === 'add-members' || op === 'remove-members'));
  }

  add(change: MemberChange): void {
    this.#last = change;
    if (change.op === 'add-members')
      for (const member of change.members)
        if (!this.#members.has(member.value)) this.#members.set(member.value, member);
    if (change.op === 'remove-members') for (const value of change.values) this.#members.set(value, { value });
  }

  /** The run as one change, or none. */
  changes(): GroupChange[] {
    if (this.#last === undefined) return [];
    if (this.#last.op === 'add-members') return [{ op: 'add-members', members: [...this.#members.values()] }];
    if (this.#last.op === 'remove-members') return [{ op: 'remove-members', values: [...this.#members.keys()] }];
    return [this.#last];
  }
}
