import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import { certificate } from '../jenkins/certificate.ts';
import { postgresMissing } from './database.ts';
import { startPostgres } from './server.ts';
import { serverFiles } from './serverFiles.ts';

const parts = { clock: systemClock, timers: systemTimers, log: SILENT };

test('postgres: with verify-full the server is who its certificate says, or nothing is sent', {
  skip: postgresMissing ?? false,
}, async (t) => {
  const { file } = serverFiles(t);
  const authority = certificate('authority');
  const pair = certificate('postgres', authority);
  const server = await startPostgres({
    ssl: 'on',
    ssl_cert_file: file('server.pem', pair.cert),
    ssl_key_file: file('server.key', pair.key),
  });
  t.after(() => server.stop());
  const through = (mode: string, ca?: string, host?: string): string => {
    const url = new URL(server.url);
    url.searchParams.set('sslmode', mode);
    if (ca !== undefined) url.searchParams.set('sslrootcert', ca);
    if (host !== undefined) url.hostname = host;
    return url.href;
  };
  const own = file('ca.pem', authority.cert);
  const other = file('other.pem', certificate('stranger').cert);

  const store = await openStore(through('verify-full', own), parts);
  await store.write(async ({ db }) => {
    await db.insertInto('expired').values({ key: 'a', at: 'now' }).execute();
  });
  await store.close();

  const options = { patience: 200 };
  await assert.rejects(openStore(through('verify-full', other), parts, options), { code: 'STORE_TLS' });
  await assert.rejects(openStore(through('verify-full'), parts, options), { code: 'STORE_TLS' });
  await assert.rejects(openStore(through('verify-full', own, 'localhost'), parts, options), { code: 'STORE_TLS' });
  await assert.rejects(openStore(through('require'), parts, options), { code: 'STORE_ADDRESS' });
});
