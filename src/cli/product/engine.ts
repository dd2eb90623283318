import { unknownController, unknownRole } from '../../config/unknown.ts';
import { markCompromised } from '../../credentials/compromise.ts';
import type { PauseProbe } from '../../doctor/probes.ts';
import { refuse, ScimError } from '../../errors.ts';
import { parseAnchors, parsePublicKey } from '../../ledger/anchors.ts';
import { type Doubt, exportEnd, provenRecords } from '../../ledger/exported.ts';
import { exportLedger } from '../../ledger/reading.ts';
import { verifyExport } from '../../ledger/verifyExport.ts';
import { planDocument, shownPlan } from '../../plan/print/document.ts';
import { planText } from '../../plan/print/text.ts';
import { parseSaved, stillHolds } from '../../plan/saved.ts';
import type { Step } from '../../plan/step.ts';
import { acceptClock, clockState } from '../../sync/clock/clockBehind.ts';
import { ghostsOf } from '../../sync/ids/ghosts.ts';
import { certificateOf } from '../../sync/leavers/certificate.ts';
import { adopt, adoptableRoles, disown, isKnownController, ownedRoleNames } from '../../sync/orders/adoption.ts';
import { detach } from '../../sync/orders/detach.ts';
import type { Applied } from '../../sync/orders/orders.ts';
import { recover } from '../../sync/orders/recover.ts';
import { orderedLeavers } from '../../sync/state/stored.ts';
import type { PlanView, Unread } from '../answers.ts';
import type { Engine, Say } from '../engine.ts';
import { backUp } from './backup.ts';
import { clockView } from './clock.ts';
import { declaredBy, declareLeaver } from './declareLeaver.ts';
import { explainWhom } from './explain.ts';
import { heldPlans, heldUnder, rejectHeld } from './held.ts';
import { liftLeaver } from './liftLeaver.ts';
import { askAbout, keepAll, listOlder, revokeFor } from './older.ts';
import { known, orderAll, refused } from './orders.ts';
import { createOwnToken, revokeOtherTokens } from './ownTokens.ts';
import type { Parts } from './parts.ts';
import { pause, pausedNow, resume } from './pausing.ts';
import { formerOwner, onlyPerson, personCalled } from './people.ts';
import { assessAll, heldWhere } from './plans.ts';
import { probesOf } from './probes.ts';
import { serve } from './serve.ts';

/** The product as the commands use it, over open parts. */
export function createEngine(parts: Parts): Engine {
  const { config, context, store, ledger, credentials, rotations, keys, operator } = parts;
  const names = (only: string | undefined): string[] => {
    const all = config.controllers.map(({ name }) => name);
    if (only === undefined) return all;
    if (!all.includes(only)) throw unknownController(only, known(parts));
    return [only];
  };

  return {
    async plan({ controller, user, policy }) {
      const person = user === undefined ? undefined : await personCalled(parts, user);
      const views = await assessAll(parts, names(controller), {
        by: 'operator',
        ...(person === undefined ? {} : { person: person.id }),
        ...(policy === undefined ? {} : { policy }),
      });
      return planView(
        views.map(({ view }) => view),
        await pausedNow(parts),
        user === undefined && policy === undefined,
      );
    },

    async apply({ controller, saved, allowLoss }, say) {
      if (saved !== undefined) {
        const claimed = parseSaved(saved);
        const selected = claimed.controllers
          .filter(({ name, steps }) => steps.length > 0 && (controller === undefined || controller === name))
          .map(({ name }) => name);
        const checked = { ...claimed, controllers: claimed.controllers.filter(({ name }) => selected.includes(name)) };
        const present = selected.filter((name) => config.controllers.some((item) => item.name === name));
        const views = await assessAll(parts, present, { by: 'operator' });
        const holds = stillHolds(checked, planDocument(views.map(({ view }) => view)));
        const unread = views.flatMap(({ view, error }) => (error === undefined ? [] : [refused(view.name, error)]));
        return [...(await orderAll(parts, [...holds.keys()], () => ({ kind: 'apply', saved }), say)), ...unread];
      }
      if (allowLoss !== undefined) return release(allowLoss, say, controller);
      return orderAll(parts, names(controller), () => ({ kind: 'apply' }), say);
    },

    held: () => heldPlans(parts),
    async showHeld(digest) {
      const { rows } = await heldUnder(parts, digest);
      const controllers = [...new Set(rows.map((row) => row.controller))];
      const views = controllers.map((name) => {
        const held = rows
          .filter((row) => row.controller === name)
          .map((row) => ({ step: JSON.parse(row.step) as Step, ceiling: row.ceiling, reason: row.reason }));
        const mode = config.controllers.find((item) => item.name === name)?.mode ?? 'off';
        const plan = shownPlan(
          name,
          mode,
          held.map(({ step }) => step),
        );
        return { name, mode, plan, verdict: { go: [], held, findings: [] } };
      });
      return planView(views);
    },
    release: (digest, say) => release(digest, say, undefined),
    reject: (digest) => rejectHeld(parts, digest),

    async adopt({ controller, role }) {
      const views = await assessAll(parts, names(controller), { by: 'operator', identity: 'applied' });
      const read = views.flatMap(({ assessed }) => (assessed === undefined ? [] : [assessed]));
      if (role !== undefined && read.length === views.length) {
        const there = [...new Set(read.flatMap(adoptableRoles))].sort();
        if (!there.includes(role)) throw unknownRole('Neither the policy nor a controller has', role, there);
      }
      let adopted = 0;
      for (const assessed of read) adopted += await adopt(context, assessed, role);
      const unread = views.flatMap(({ view, error }) => (error === undefined ? [] : [unreadOf(view.name, error)]));
      return { adopted, unread };
    },
    async disown({ controller, role }) {
      if (role !== undefined) {
        const owned = await ownedRoleNames(context, names(controller));
        if (!owned.includes(role)) throw unknownRole('Nothing is owned in', role, owned);
      }
      let count = 0;
      for (const name of names(controller)) count += await disown(context, name, role);
      return count;
    },
    async sync({ controller, user }, say) {
      const person = user === undefined ? undefined : await personCalled(parts, user);
      const what = { kind: 'sync' as const, ...(person === undefined ? {} : { person: person.id }) };
      return orderAll(parts, names(controller), () => what, say);
    },
    pause: (target) => pause(parts, target),
    resume: (target) => resume(parts, target),

    async explain(user, { controller, permission, item }) {
      const filter = { ...(permission === undefined ? {} : { permission }), ...(item === undefined ? {} : { item }) };
      const selected = config.controllers.filter(({ name }) => names(controller).includes(name));
      return explainWhom(parts, user, selected, filter);
    },

    async leaver(user, { now, lift, releaseId }, say) {
      const former = releaseId === true ? await formerOwner(parts, user) : undefined;
      const person = former?.person ?? (await personCalled(parts, user));
      const applied: Applied[] = [];
      const everywhere = async (kind: 'release-id' | 'leaver' | 'sync'): Promise<void> => {
        // Nothing is done where the mode is off, and the certificate says so.
        const asked = config.controllers.filter(({ mode }) => mode !== 'off').map(({ name }) => name);
        applied.push(...(await orderAll(parts, asked, () => ({ kind, person: person.id }), say)));
      };
      if (former !== undefined) await everywhere('release-id');
      if (now) {
        await declareLeaver(parts, person);
        await everywhere('leaver');
      }
      const lifted = lift === true ? await liftLeaver(parts, person.id) : undefined;
      if (lifted === true) await everywhere('sync');
      const ordered = await store.read(async (db) => (await orderedLeavers(db)).has(person.id));
      const declared = ordered ? await declaredBy(ledger, person.id) : undefined;
      const state = person.deletedAt !== undefined ? 'deleted' : person.active && !ordered ? 'active' : 'leaver';
      const certificate = await store.read((db) => certificateOf(db, { ...person, state }, config, ledger.departures));
      const undone = applied.flatMap(({ controller, error }) => (error === undefined ? [] : [{ controller, error }]));
      return {
        ...certificate,
        ...(declared === undefined ? {} : { declared }),
        ...(lifted === undefined ? {} : { lifted }),
        ...(former === undefined ? {} : { released: former.owes }),
        ...(undone.length === 0 ? {} : { undone }),
      };
    },

    async ghosts(say) {
      const ghosts = [];
      const unread = [];
      for (const controller of config.controllers) {
        say(`reading ${controller.name}`);
        try {
          ghosts.push(...(await ghostsOf(context, controller, context.controller(controller.name))));
        } catch (error) {
          if (!(error instanceof ScimError)) throw error;
          unread.push(unreadOf(controller.name, error));
        }
      }
      return { ghosts, unread };
    },
    older: {
      list: (filter) => listOlder(parts, filter),
      ask: (which, say) => askAbout(parts, which, say),
      keep: (which) => keepAll(parts, which),
      revoke: (which, say) => revokeFor(parts, which, say),
    },
    async recover(lines, { unproven }) {
      let doubt: Doubt | undefined;
      const records = provenRecords(keys, lines, (found) => {
        if (!unproven) throw refuse('LED_EXPORT', { ...found });
        doubt = found;
      });
      const found = await recover(context, records, () => doubt);
      return doubt === undefined ? found : { ...found, unproven: doubt };
    },
    async detach(controller) {
      const configured = config.controllers.some(({ name }) => name === controller);
      if (!configured && !(await isKnownController(context, controller)))
        throw unknownController(controller, known(parts));
      return detach(context, controller);
    },
    ownTokens: {
      create: (controller, keep) => createOwnToken(parts, controller, keep),
      revokeOthers: (controller, options) => revokeOtherTokens(parts, controller, options),
    },

    tokens: {
      create: (wanted) => credentials.create(wanted, operator),
      list: () => credentials.list(),
      revoke: (id) => credentials.revoke(id, operator),
      async compromised(mark, say) {
        const issuers = context.config.connections.flatMap(({ name, jwt }) => (jwt === undefined ? [] : [name]));
        const deps = { store, clock: context.clock, recorder: ledger, issuers };
        const marked = await markCompromised(deps, mark, operator);
        return { ...marked, controllers: await orderAll(parts, names(undefined), () => ({ kind: 'sync' }), say) };
      },
      createClient: (wanted) => credentials.createClient(wanted, operator),
      startRotation: (order) => rotations.start(order, operator),
      completeRotation: (id) => rotations.complete(id, operator),
      cancelRotation: (id) => rotations.cancel(id, operator),
    },
    ledger: {
      verify: (head, { publicKey, anchors } = {}) =>
        ledger.verify(head, {
          ...(publicKey === undefined ? {} : { publicKey: parsePublicKey(publicKey) }),
          ...(anchors === undefined ? {} : { anchors: parseAnchors(anchors) }),
        }),
      publicKey: () => keys.heads.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      async erase(user) {
        const { id, userName } = await onlyPerson(parts, user);
        return { user: userName, records: await ledger.erase({ kind: 'user', id }, operator) };
      },
      async export(line) {
        await ledger.seal();
        const last = await exportLedger(ledger, line);
        return last === undefined ? undefined : exportEnd(keys, last);
      },
      verifyExport: (lines, anchors) =>
        verifyExport(keys, lines, anchors === undefined ? undefined : parseAnchors(anchors)),
    },
    clock: {
      show: async () => clockView(await clockState(context)),
      accept: async () => clockView(await acceptClock(context)),
    },
    database: { status: () => store.status(), backup: (file) => backUp(parts, file) },
    probes: () => probesOf(parts),
    serve: (options) => serve(parts, options?.only),
    close: () => parts.close(),
  };

  async function release(digest: string, say: Say, controller: string | undefined): Promise<readonly Applied[]> {
    const { digest: whole, controllers } = await heldWhere(parts, digest, names(undefined));
    const wanted = controllers.filter((name) => controller === undefined || name === controller);
    if (wanted.length === 0) throw refuse('PLAN_UNKNOWN', { digest });
    return orderAll(parts, wanted, () => ({ kind: 'apply', allowLoss: whole }), say);
  }
}

function unreadOf(controller: string, { code, message }: ScimError): Unread {
  return { controller, error: `${code}: ${message}` };
}

function planView(
  views: Parameters<typeof planDocument>[0],
  paused: readonly PauseProbe[] = [],
  releases = true,
): PlanView {
  const stopped = paused.filter(({ kind, name }) => kind === 'connection' || views.some((view) => view.name === name));
  const notes = stopped.map(({ kind, name, onHold }) =>
    onHold
      ? `${name} is on hold since a restore; go on: jenkins-scim resume controller ${name}\n`
      : `The ${kind} ${name} is paused; go on: jenkins-scim resume ${kind} ${name}\n`,
  );
  return {
    document: { ...planDocument(views), paused: stopped },
    text: (style) => `${planText(views, style, releases)}${notes.length === 0 ? '' : `\n${notes.join('')}`}`,
  };
}
