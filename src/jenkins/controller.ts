import type { Capabilities, Controller, LeaverOrder } from '../access/ports/controller.ts';
import { judgeProbe } from './capabilities.ts';
import { type Connection, connect, shown } from './connection.ts';
import type { Address, ControllerDeps } from './deps.ts';
import { readOlder } from './older.ts';
import { createToken, revokeToken } from './ownTokens.ts';
import { cutPeople, readInventory, readPeople } from './people.ts';
import { probe } from './scripts/probe.ts';
import { uses } from './scripts/uses.ts';
import { roleStrategy } from './strategies/role-strategy/driver.ts';

/** A controller with role-strategy, driven by scripts. Closing it closes the HTTP client. */
export function createController(address: Address, deps: ControllerDeps): Controller {
  const connection = connect(address, deps);
  const lineage = deps.lineage ?? '';
  const strategy = roleStrategy(connection, lineage);
  return Object.freeze({
    name: address.name,
    whoAmI: async () => shown(await connection.identify()),
    probe: () => readCapabilities(connection, lineage),
    uses: async () => (await connection.read(uses, { id: address.user })).result,
    createToken: (name: string) => createToken(connection, name),
    revokeToken: (uuid: string) => revokeToken(connection, uuid),
    observe: strategy.observe,
    fingerprint: strategy.fingerprint,
    apply: strategy.apply,
    people: (ids: readonly string[]) => readPeople(connection, ids),
    older: (ids: readonly string[]) => readOlder(connection, ids),
    inventory: () => readInventory(connection),
    cut: (fence: number, orders: readonly LeaverOrder[]) => cutPeople(connection, lineage, fence, orders),
    close: () => deps.http.close(),
  });
}

async function readCapabilities(connection: Connection, lineage: string): Promise<Capabilities> {
  const { result, session, time } = await connection.read(probe, {});
  const judged = judgeProbe(result, session, time, lineage);
  if ('problem' in judged) throw connection.error({ code: 'JEN_ANSWER', details: { reason: judged.problem } });
  return judged.capabilities;
}
