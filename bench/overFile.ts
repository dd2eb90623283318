import { join } from 'node:path';
import { type Floor, startFloor } from './load.ts';
import { type Seeded, seed } from './seed.ts';
import { Client, command, type Place, place, type Service, serve } from './service.ts';
import { measured } from './target.ts';

/** A running service over a seeded database in a file, its client and its floor. */
export interface Running {
  readonly at: Place;
  readonly service: Service;
  readonly client: Client;
  readonly floor: Floor;
  readonly seeded: Seeded;
}

/** Runs something beside a service over so many people and groups of these sizes; all of it is gone afterwards. */
export async function overFile(
  people: number,
  sizes: readonly number[],
  run: (running: Running) => Promise<void>,
): Promise<void> {
  const target = await measured(undefined);
  const at = place(target);
  try {
    const { token } = await command<{ token: string }>(at, 'token', 'create', '--connection', 'okta');
    const seeded = seed(at, people, sizes);
    const service = await serve(at);
    const client = new Client(service.scim, token);
    const floor = await startFloor(join(at.folder, 'floor.db'), join(at.folder, 'data', 'jenkins-scim.db'));
    try {
      await run({ at, service, client, floor, seeded });
    } finally {
      await client.close();
      await floor.close();
      await service.kill('SIGTERM');
    }
  } finally {
    at.close();
    await target.close();
  }
}
