import { apply } from '../strategies/role-strategy/apply.ts';
import { fingerprint } from '../strategies/role-strategy/fingerprint.ts';
import { observe } from '../strategies/role-strategy/observe.ts';
import { cut } from './cut.ts';
import { inventory } from './inventory.ts';
import { older } from './older.ts';
import { people } from './people.ts';
import { probe } from './probe.ts';
import { uses } from './uses.ts';

/** Every script the service can send, by name. */
export const SCRIPTS = Object.freeze({ probe, observe, fingerprint, apply, people, inventory, older, cut, uses });

export type ScriptName = keyof typeof SCRIPTS;

/** What each is for, in one line. */
const PURPOSES: Readonly<Record<ScriptName, string>> = {
  probe: 'reads versions, security settings and the list of permissions',
  observe: 'reads roles, their permissions and who has them',
  fingerprint: 'reads digests of the roles, to see whether anything differs',
  apply: 'changes roles and who has them; saves once',
  people: 'reads tokens, SSH keys, sessions and entries of the people named',
  inventory: 'reads who has an account, tokens or SSH keys',
  older: 'reads what ids held before somebody was linked to them',
  cut: 'ends tokens, SSH keys, sessions and entries of people who left',
  uses: 'reads how often the tokens of the service itself were used',
};

/** A script as those know it who guard a controller. */
interface Published {
  readonly name: ScriptName;
  readonly purpose: string;
  /** Of the constant text, hex: what a proxy rule, an audit or the practice controller knows it by. */
  readonly sha256: string;
  readonly text: string;
}

export function published(): readonly Published[] {
  const scripts = Object.entries(SCRIPTS) as [ScriptName, { readonly sha256: string; readonly text: string }][];
  return scripts.map(([name, { sha256, text }]) => ({ name, purpose: PURPOSES[name], sha256, text }));
}
