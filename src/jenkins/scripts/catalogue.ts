import { apply } from '../strategies/role-strategy/apply.ts';
import { fingerprint } from '../strategies/role-strategy/fingerprint.ts';
import { observe } from '../strategies/role-strategy/observe.ts';
import { cut } from './cut.ts';
import { inventory } from './inventory.ts';
import { older } from './older.ts';
import { people } from './people.ts';
import { probe } from './probe.ts';

/** Every script the service can send, by name. */
export const SCRIPTS = Object.freeze({ probe, observe, fingerprint, apply, people, inventory, older, cut });

export type ScriptName = keyof typeof SCRIPTS;

/** Name to SHA-256 of the constant text; what a proxy rule, an audit or the practice controller knows a script by. */
export function scriptHashes(): Readonly<Record<ScriptName, string>> {
  const entries = Object.values(SCRIPTS).map((script) => [script.name, script.sha256]);
  return Object.freeze(Object.fromEntries(entries));
}
