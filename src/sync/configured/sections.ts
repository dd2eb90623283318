import type { Kysely } from 'kysely';
import { canonical, digest } from '../../access/canonical.ts';
import type { LedgerEvent } from '../../access/ports/recorder.ts';
import type { Config } from '../../config/schema.ts';
import type { Witness } from '../../ledger/witness.ts';
import type { Tables } from '../../store/tables.ts';
import type { SyncContext } from '../state/context.ts';
import { type Setting, settingsOf } from './settings.ts';

/** A part of the configuration whose edits are evidence. */
interface Section {
  /** `guard`, `leaver`, `connection:` and its name, `controller:` or `protect:` and the name of a controller. */
  readonly id: string;
  readonly value: object;
  /** It names accounts: they are kept apart from the chain. */
  readonly personal: boolean;
}

const KIND = 'configuration.changed';

/**
 * Records what is edited of `guard`, `leaver`, of who may push (`connections`), and of each controller where it is, who people are there,
 * `protect` and `breakGlass`, against what was in force before. The last record is what was in force, so that nothing else has to be kept; the first one has nothing before it.
 */
export async function noteSections(context: SyncContext): Promise<void> {
  const { store, witness } = context;
  const sections = sectionsOf(context.config);
  const known = await store.read((db) => lastDigests(db, witness, sections));
  const edited = sections.filter(({ id, value }) => known.get(id) !== digest(value));
  if (edited.length === 0) return;
  const changes = await store.write(async (tx) => {
    const told: { readonly section: string; readonly settings: readonly string[] }[] = [];
    for (const section of edited) {
      const before = await lastOf(tx.db, witness, section.id);
      // Another process may have told it since it was looked for.
      if (before?.digest === digest(section.value)) continue;
      const settings = settingsOf(before?.value, section.value);
      await context.recorder.record(tx, eventOf(context, section, before, settings));
      if (before !== undefined) told.push({ section: section.id, settings: settings.map(({ setting }) => setting) });
    }
    return told;
  });
  for (const change of changes) context.log.warn('the configuration was edited', change);
}

function sectionsOf({ guard, leaver, connections, controllers }: Config): Section[] {
  return [
    { id: 'guard', value: guard, personal: false },
    { id: 'leaver', value: leaver, personal: false },
    ...connections.map(({ name, profile, primary, controllers: reached, trustedAttributes, jwt }) => {
      const value = { profile, primary, controllers: reached, trustedAttributes, jwt };
      return { id: `connection:${name}`, value: defined(value), personal: false };
    }),
    ...controllers.flatMap(({ name, url, user, labels, identity, protect, breakGlass }) => [
      { id: `controller:${name}`, value: { url, user, labels, identity }, personal: false },
      { id: `protect:${name}`, value: { ...protect, breakGlass }, personal: true },
    ]),
  ];
}

function defined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}

/** What was in force; `value` is absent where the names of it were erased. */
interface Before {
  readonly digest: string;
  readonly value?: object;
}

function eventOf(
  { operator, runBy }: Pick<SyncContext, 'operator' | 'runBy'>,
  { id, value, personal }: Section,
  before: Before | undefined,
  settings: readonly Setting[],
): LedgerEvent {
  const own = { digest: digest(value), previous: before?.digest ?? null };
  return {
    kind: KIND,
    actor: operator ?? 'sync',
    subject: { kind: 'configuration', id },
    body: {
      ...own,
      ...(personal ? { settings: settings.map(({ setting }) => setting) } : { settings, value }),
      ...(runBy === undefined ? {} : { from: { ...runBy } }),
    },
    ...(personal ? { personal: { settings: canonical(settings), value: canonical(value) } } : {}),
  };
}

async function lastDigests(
  db: Kysely<Tables>,
  witness: Witness,
  sections: readonly Section[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { id } of sections) {
    const last = await lastOf(db, witness, id);
    if (last !== undefined) found.set(id, last.digest);
  }
  return found;
}

async function lastOf(db: Kysely<Tables>, witness: Witness, id: string): Promise<Before | undefined> {
  const last = await witness.last(db, { kind: 'configuration', id }, KIND);
  if (last === undefined) return undefined;
  const body = last.body as Before;
  const { value: text } = last.personal;
  const value = text === undefined ? body.value : (JSON.parse(text) as object);
  return { digest: body.digest, ...(value === undefined ? {} : { value }) };
}
