import type { RoleKey } from '../../access/role.ts';
import { whileHeld } from '../../sync/lease/lease.ts';
import type { Parts } from './parts.ts';

/**
 * Takes back what the demo made on a real controller: the roles it created there, and with them every assignment of theirs. The
 * reconciler has to be stopped. @returns names of roles that could not be removed @throws ScimError JEN_*
 */
export async function removeTraces({ context, store }: Parts, name: string): Promise<readonly string[]> {
  const controller = context.controller(name);
  const rows = await store.read((db) =>
    db.selectFrom('owned_roles').select(['role_type', 'role_name']).where('controller', '=', name).execute(),
  );
  const { roles } = await controller.observe();
  const own = roles.filter(({ type, name: role }) =>
    rows.some((row) => row.role_type === type && row.role_name === role),
  );
  if (own.length === 0) return [];
  const keys = own.map(({ type, name: role }): RoleKey => ({ type, name: role }));
  const done = await whileHeld(context, name, ({ fence }) =>
    controller.apply({
      id: context.random.id(),
      fence,
      preconditions: own.map(({ digest }, index) => ({ role: keys[index]!, digest })),
      changes: keys.map((role) => ({ op: 'delete-role', role })),
      keepAdministrators: [],
    }),
  );
  return done?.value.outcome === 'done' ? [] : own.map((role) => role.name);
}
