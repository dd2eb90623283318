// `npm run bench`: every figure beside a floor of the same run. `-- --jenkins URL --user U --token-file F` measures a real controller
// (it makes roles and entries named bench…, and takes them away at the end).
import { parseArgs } from 'node:util';
import { burst } from './cases/burst.ts';
import { create } from './cases/create.ts';
import { effective } from './cases/effective.ts';
import { firstSync } from './cases/firstSync.ts';
import { kill } from './cases/kill.ts';
import { leaver } from './cases/leaver.ts';
import { memberAdd, populate } from './cases/memberAdd.ts';
import { clear } from './clear.ts';
import { below, type Figure, table } from './measure.ts';
import { Client, command, type Place, place, serve, sleep } from './service.ts';
import { measured } from './target.ts';

const { values } = parseArgs({
  options: { jenkins: { type: 'string' }, user: { type: 'string' }, 'token-file': { type: 'string' } },
});
const { jenkins, user, 'token-file': tokenFile } = values;
if (jenkins !== undefined && (user === undefined || tokenFile === undefined)) {
  process.stderr.write('--jenkins needs --user and --token-file\n');
  process.exit(64);
}
const real = jenkins === undefined ? undefined : { jenkins, user: user!, tokenFile: tokenFile! };
const target = await measured(real);
const prefix = real === undefined ? 'bench' : `bench${Date.now().toString(36)}`;
const figures: Figure[] = [];
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const at: Place = place(target);
let service = await serve(at);
try {
  figures.push({
    name: 'ready after start',
    value: service.readyMs,
    unit: 'ms',
    goal: below(1_000, service.readyMs, '< 1 s'),
  });
  const { token } = await command<{ token: string }>(at, 'token', 'create', '--connection', 'okta');
  const client = new Client(service.scim, token);
  await sleep(2_000);
  const idle = service.memory();
  figures.push({ name: 'memory, idle', value: idle, unit: 'MB', goal: below(120, idle, '< 120 MB') });
  say('push to effective');
  figures.push(...(await effective(client, target, prefix)));
  say('leavers');
  figures.push(...(await leaver(client, target, at, prefix)));
  say('burst');
  figures.push(...(await burst(client, target, prefix)));
  say('10,000 grants');
  figures.push(...(await firstSync(client, target, at, prefix)));
  say('kill -9');
  const killed = await kill(service, at, token, client, target, prefix);
  service = killed.service;
  figures.push(...killed.figures);
  if (real === undefined) {
    await client.close();
    await service.kill('SIGTERM');
    at.close();
    figures.push(...(await crowded()));
  } else await client.close();
} finally {
  await service.kill('SIGTERM');
  at.close();
  if (real !== undefined) await clear(target, prefix);
  await target.close();
}
process.stdout.write(`\n${table(figures)}`);
process.exitCode = figures.every(({ goal }) => goal?.holds !== false) ? 0 : 1;

/** A database of its own with 20,000 people. */
async function crowded(): Promise<Figure[]> {
  const own = place(target);
  const running = await serve(own);
  try {
    const { token } = await command<{ token: string }>(own, 'token', 'create', '--connection', 'okta');
    const client = new Client(running.scim, token);
    say('creates');
    const found = await create(client, prefix);
    say('20,000 people');
    const crowd = await populate(client, 20_000);
    found.push(...(await memberAdd(client, crowd)));
    await sleep(3_000);
    const memory = running.memory();
    found.push({ name: 'memory, 20,000 people', value: memory, unit: 'MB', goal: below(250, memory, '< 250 MB') });
    await client.close();
    return found;
  } finally {
    await running.kill('SIGTERM');
    own.close();
  }
}
