import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Timer } from '../access/ports/timers.ts';
import type { Answer } from './answer.ts';
import { Exchange } from './exchange.ts';
import type { PracticeOptions } from './options.ts';
import { bareError, oopsPage, waiting } from './pages/jenkins.ts';
import { noCrumb, unauthorized } from './pages/jetty.ts';
import { type Request, readRequest } from './request.ts';
import { answer } from './routes/index.ts';
import { CORE } from './scripts/probe.ts';
import { type Disk, Home } from './state/home.ts';
import { type LineName, type Meeting, meeting, milestones } from './timeline.ts';
import { receive } from './visit.ts';

/** Jenkins takes far larger bodies; no answer here needs more. */
const LARGEST = 64 * 1024 * 1024;

/** The server, and the life of what runs in it: it goes and comes back on the same port. */
export class Process {
  home: Home;
  readonly #options: PracticeOptions;
  #server: Server | undefined;
  #port = 0;
  #line: { readonly name: LineName; readonly since: number; readonly speed: number } | undefined;
  readonly #timers = new Set<Timer>();
  #closed = false;

  constructor(options: PracticeOptions, disk: Disk) {
    this.#options = options;
    this.home = new Home(disk, options.random, options.items ?? [], () => options.clock.now());
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  async listen(port: number): Promise<void> {
    const server = createServer({ keepAliveTimeout: 30_000 }, (incoming, outgoing) => this.#serve(incoming, outgoing));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    if (this.#closed) server.close();
    else this.#port = (server.address() as AddressInfo).port;
  }

  /** Plays a time line; resolves when the controller serves again. A new order ends one that is under way. */
  begin(name: LineName, speed = this.#options.speed ?? 1): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#line = { name, since: this.#options.clock.monotonic(), speed };
    const { gone, back, up } = milestones(name);
    if (name === 'reload') this.home.reload();
    if (gone === 0) this.#stop();
    else if (gone !== undefined) this.#after(gone / speed, () => this.#stop());
    if (back !== undefined) this.#after(back / speed, () => this.#boot());
    return new Promise((resolve) => {
      this.#after(up / speed, () => {
        this.#line = undefined;
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    const server = this.#server;
    if (server === undefined || !server.listening) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  #after(milliseconds: number, run: () => void): void {
    const timer = this.#options.timers.after(milliseconds, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
  }

  #stop(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  /** A new process from what the disk has. */
  #boot(): void {
    if (this.#closed) return;
    this.home = new Home(this.home.disk(), this.#options.random, this.#options.items ?? [], () =>
      this.#options.clock.now(),
    );
    this.listen(this.#port).catch(() => this.#after(20, () => this.#boot()));
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const body = await bodyOf(incoming);
      const request = readRequest(incoming.method ?? 'GET', incoming.url ?? '/', headersOf(incoming), body);
      const met = this.#meet(request);
      if (met === 'reset' || met === 'refused') incoming.socket.destroy();
      else send(outgoing, request, met === 'up' ? this.#answer(request) : this.#meanwhile(met, request));
    } catch (error) {
      incoming.socket.destroy(error instanceof Error ? error : undefined);
    }
  }

  #meet(request: Request): Meeting {
    if (this.#line === undefined) return 'up';
    const { name, since, speed } = this.#line;
    const open = ['login', 'health'].includes(request.segments[0] ?? '');
    const kind = open ? 'open' : request.method === 'POST' ? 'post' : 'get';
    return meeting(name, (this.#options.clock.monotonic() - since) * speed, kind);
  }

  #meanwhile(met: Exclude<Meeting, 'up' | 'reset' | 'refused'>, request: Request): Answer {
    const stamp = { version: CORE, session: this.home.session };
    if (met === 'unauthorized') return unauthorized(request.path);
    if (met === 'no-crumb') return noCrumb(request.path);
    if (met === 'bare-500') return bareError();
    if (met === 'oops-500') return oopsPage(stamp, '');
    return waiting(met === 'starting' ? 'Starting Jenkins' : 'Restarting Jenkins', this.home.session);
  }

  #answer(request: Request): Answer {
    const visit = receive(this.home, request, this.#options.clock);
    if (visit === undefined) return unauthorized(request.path);
    const exchange = new Exchange(request, visit, this.home, {
      version: CORE,
      url: this.url,
      now: () => this.#options.clock.now(),
      begin: (name) => void this.begin(name),
    });
    return exchange.finish(answer(exchange));
  }
}

function headersOf(incoming: IncomingMessage): Record<string, string> {
  const rows = Object.entries(incoming.headers).map(([name, value]) => [name, String(value ?? '')]);
  return Object.fromEntries(rows);
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST) throw new Error('the body is too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function send(outgoing: ServerResponse, request: Request, answered: Answer): void {
  outgoing.sendDate = true;
  outgoing.statusCode = answered.status;
  outgoing.setHeader('X-Content-Type-Options', 'nosniff');
  for (const [name, value] of Object.entries(answered.headers)) outgoing.setHeader(name, value);
  if (answered.chunked === true) outgoing.write(answered.body);
  else outgoing.setHeader('Content-Length', Buffer.byteLength(answered.body));
  outgoing.end(answered.chunked === true || request.method === 'HEAD' ? undefined : answered.body);
}
