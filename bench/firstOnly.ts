import { firstSync } from './cases/firstSync.ts';
import { Client, command, place, serve, sleep } from './service.ts';
import { measured } from './target.ts';

const a = process.argv;
const real = a[2] === undefined ? undefined : { jenkins: a[2]!, user: 'jenkins-scim', tokenFile: a[3]! };
const target = await measured(real as never);
const at = place(target);
const service = await serve(at);
const { token } = await command<{ token: string }>(at, 'token', 'create', '--connection', 'okta');
const client = new Client(service.scim, token);
await sleep(1000);
for (const figure of await firstSync(
  client,
  target,
  at,
  real === undefined ? 'bench' : `bench${Date.now().toString(36)}`,
))
  console.log(figure.name, Math.round(figure.value), figure.unit);
await client.close();
await service.kill('SIGTERM');
at.close();
process.exit(0);
