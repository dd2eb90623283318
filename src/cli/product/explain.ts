import type { PermissionInfo } from '../../access/ports/controller.ts';
import { foldId } from '../../access/principal.ts';
import { roleKey } from '../../access/role.ts';
import { didYouMean } from '../../config/nearest.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import { refuse, ScimError } from '../../errors.ts';
import { protection } from '../../plan/protection.ts';
import { idOf, KNOWN_TITLES, titleOf } from '../../policy/permissions.ts';
import { patternMatches } from '../../policy/quote.ts';
import { type ExplainFilter, explain } from '../../sync/explain.ts';
import { capabilitiesOf } from '../../sync/state/learnt.ts';
import type { Explanation } from '../print/explanation.ts';
import type { Parts } from './parts.ts';
import { personCalled } from './people.ts';

/**
 * Why somebody has what on these controllers: a person of the directory, or an account that the policy or the configuration
 * names. @throws ScimError USER_UNKNOWN, USER_AMBIGUOUS, CLI_USAGE (a permission that no controller knows)
 */
export async function explainWhom(
  parts: Parts,
  user: string,
  controllers: readonly ControllerConfig[],
  filter: ExplainFilter,
): Promise<Explanation> {
  await knownPermission(parts, controllers, filter.permission);
  try {
    const person = await personCalled(parts, user);
    const found = [];
    for (const controller of controllers) found.push(await explain(parts.context, controller, person.id, filter));
    return { user: person.userName, controllers: found };
  } catch (error) {
    if (!(error instanceof ScimError) || error.code !== 'USER_UNKNOWN') throw error;
    const found = await Promise.all(controllers.map((controller) => explainAccount(parts, user, controller, filter)));
    if (found.every((item) => item === undefined)) throw error;
    return { user, controllers: found.filter((item) => item !== undefined) };
  }
}

/** An account that no identity provider knows: what `principal:` rules give it, or that it is protected. */
async function explainAccount(
  { context, store, config }: Parts,
  user: string,
  controller: ControllerConfig,
  filter: ExplainFilter,
): Promise<Explanation['controllers'][number] | undefined> {
  const capabilities = await learnt(store, controller.name);
  const ids = capabilities.userIds;
  const policy = await context.policy.current();
  const evaluation = policy.evaluate(
    {
      people: [],
      groups: new Map(),
      bindings: [],
      expired: new Set(),
      now: context.clock.now(),
      primaryConnection: config.connections.find(({ primary }) => primary)?.name ?? '',
    },
    {
      name: controller.name,
      labels: controller.labels,
      ...(capabilities.permissions.length === 0 ? {} : { catalogue: capabilities.permissions }),
    },
  );
  const own = evaluation.grants.filter(
    ({ principal }) => principal !== undefined && foldId(principal, ids) === foldId(user, ids),
  );
  const guarded = protection(controller, capabilities).user(user);
  if (own.length === 0 && !guarded) return undefined;
  const roles = new Map(evaluation.roles.map((role) => [roleKey(role), role]));
  const there = await verified(store, controller.name);
  const wanted = waysTo(capabilities.permissions, filter.permission);
  const grants = own.flatMap(({ role, reasons }) => {
    const definition = roles.get(roleKey(role));
    const permissions = definition?.permissions ?? [];
    if (wanted !== undefined && !permissions.some((permission) => wanted.has(idOf(permission)))) return [];
    if (
      filter.item !== undefined &&
      role.type === 'item' &&
      !(patternMatches(definition?.pattern ?? '', filter.item) ?? true)
    )
      return [];
    return [
      {
        role: role.name,
        scope: definition?.scope ?? role.type,
        permissions: permissions.map(
          (id) => capabilities.permissions.find((known) => known.id === id)?.title ?? titleOf(id),
        ),
        effective: there.has(`${roleKey(role)}\u0000${foldId(user, ids)}`),
        reasons,
      },
    ];
  });
  const whyNot = guarded
    ? [{ rule: '(protect)', missing: 'freedom to change: it is protected, nothing is given or taken' }]
    : [];
  return { name: controller.name, jenkinsId: own[0]?.principal ?? user, active: true, grants, whyNot };

  async function verified(from: Parts['store'], name: string): Promise<Set<string>> {
    const rows = await from.read((db) =>
      db
        .selectFrom('entries')
        .select(['role_type', 'role_name', 'sid'])
        .where('controller', '=', name)
        .where('person', 'is', null)
        .where('verified', '=', 1)
        .execute(),
    );
    return new Set(
      rows.map((row) => `${roleKey({ type: row.role_type, name: row.role_name })}\u0000${foldId(row.sid, ids)}`),
    );
  }
}

async function learnt(store: Parts['store'], controller: string) {
  const row = await store.read((db) =>
    db.selectFrom('controllers').select('capabilities').where('name', '=', controller).executeTakeFirst(),
  );
  return capabilitiesOf(row?.capabilities ?? null);
}

/** Refuses a permission that none of the controllers has, where their catalogues are known. */
async function knownPermission(
  { store }: Parts,
  controllers: readonly ControllerConfig[],
  asked: string | undefined,
): Promise<void> {
  if (asked === undefined) return;
  const catalogues = await Promise.all(controllers.map(async ({ name }) => (await learnt(store, name)).permissions));
  const all = catalogues.flat();
  if (all.length === 0 || all.some((permission) => isCalled(permission, asked))) return;
  const hint = didYouMean(asked, [...new Set(all.map(({ title }) => title))]);
  throw refuse('CLI_USAGE', { reason: `no controller has a permission ${asked}${hint}` });
}

/** Ids of the permission asked for and of those that imply it; without a catalogue the one alone. */
function waysTo(catalogue: readonly PermissionInfo[], asked: string | undefined): ReadonlySet<string> | undefined {
  if (asked === undefined) return undefined;
  if (catalogue.length === 0)
    return new Set([
      idOf(asked),
      idOf(KNOWN_TITLES.find((title) => title.toLowerCase() === asked.toLowerCase()) ?? asked),
    ]);
  const ways = new Set<string>();
  for (let at = catalogue.find((item) => isCalled(item, asked)); at !== undefined && !ways.has(at.id); ) {
    ways.add(at.id);
    const next: string | undefined = at.impliedBy;
    at = next === undefined ? undefined : catalogue.find(({ id }) => id === next);
  }
  return ways;
}

function isCalled({ id, title }: PermissionInfo, asked: string): boolean {
  return id === asked || title.toLowerCase() === asked.toLowerCase();
}
