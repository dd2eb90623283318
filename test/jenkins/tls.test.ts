import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { HttpFailure } from '../../src/access/ports/http.ts';
import { systemTimers } from '../../src/cli/edge.ts';
import { createHttp } from '../../src/jenkins/http.ts';
import type { TlsFiles } from '../../src/jenkins/tls.ts';
import { certificate } from './certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-tls-'));
const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true })];
after(async () => {
  for (const close of closing.reverse()) await close();
});

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  return path;
}

async function serve(options: ServerOptions): Promise<string> {
  const server = createServer(options, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    response.end(`hello ${subject?.CN ?? 'nobody'}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function get(url: string, tls?: TlsFiles): Promise<string | HttpFailure> {
  const http = createHttp({ timers: systemTimers, ...(tls === undefined ? {} : { tls }) });
  closing.push(() => http.close());
  try {
    return (await http.send({ method: 'GET', url, headers: {}, timeout: 5000, limit: 1000 })).body;
  } catch (error) {
    assert.ok(error instanceof HttpFailure, String(error));
    return error;
  }
}

describe('TLS', () => {
  const authority = certificate('Corp CA');
  const server = certificate('ci.test', authority);
  const ca = file('ca.pem', authority.cert);

  test('a certificate of nobody we know is refused before anything is sent, whatever the environment says', async () => {
    const url = await serve(server);
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      const failed = await get(url);
      assert.ok(failed instanceof HttpFailure, String(failed));
      assert.deepEqual([failed.kind, failed.sent], ['tls', false]);
      assert.match(failed.message, /certificate/);
      assert.doesNotMatch(failed.message, /Node\.js|\n/, 'no advice on flags of a process that is not ours');
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });

  test('the authority that is configured is trusted, for its own certificates only', async () => {
    assert.equal(await get(await serve(server), { ca }), 'hello nobody');
    const other = await get(await serve(certificate('ci.test')), { ca });
    assert.ok(other instanceof HttpFailure && other.kind === 'tls');
  });

  test('a certificate for another host is refused', async () => {
    const url = (await serve(server)).replace('127.0.0.1', 'localhost');
    const failed = await get(url, { ca });
    assert.ok(failed instanceof HttpFailure && failed.kind === 'tls' && !failed.sent, String(failed));
  });

  test('our own certificate is shown where the controller asks for one', async () => {
    const ours = certificate('jenkins-scim', authority);
    const url = await serve({ ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true });
    const files = { ca, cert: file('cert.pem', ours.cert), key: file('key.pem', ours.key) };
    assert.equal(await get(url, files), 'hello jenkins-scim');
    assert.ok((await get(url, { ca })) instanceof HttpFailure);
  });

  test('a file that is not there, or a key that others can read, is told by name', () => {
    const make = (tls: TlsFiles) => createHttp({ timers: systemTimers, tls });
    assert.throws(() => make({ ca: join(folder, 'none.pem') }), {
      code: 'CFG_SECRET',
      message: /none\.pem.*it does not exist/,
    });
    assert.throws(() => make({ ca: file('token', '11aa') }), {
      code: 'CFG_SECRET',
      message: /token \(tls\.ca\) cannot be read: it is no PEM/,
    });
    const open = file('open.pem', 'x', 0o644);
    if (process.platform !== 'win32') assert.throws(() => make({ key: open }), { code: 'CFG_FILE_MODE' });
  });
});
