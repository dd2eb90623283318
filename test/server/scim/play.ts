import assert from 'node:assert/strict';
import { DirectoryModel, equal, Refused, Taken, type TeamOp, Unknown } from './directoryModel.ts';
import { X } from './modelWorld.ts';
import { written } from './patchModel.ts';
import { recount } from './recount.ts';
import { type Step, solid } from './steps.ts';
import { type Client, G, type Json, P, type ScimWorld, U } from './world.ts';

const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const own = ({ schemas: _, id: __, meta: ___, groups: ____, members: _____, ...rest }: Json): Json => rest;
const NOBODY = '00000000-0000-4000-8000-000000000000';

function* permutations(list: readonly number[]): Generator<number[]> {
  if (list.length === 0) yield [];
  for (const one of list) for (const rest of permutations(list.filter((other) => other !== one))) yield [one, ...rest];
}

/** Requests to a service, and what a model makes of them. */
export class Play {
  model = new DirectoryModel();
  gone: string[] = [];
  readonly world: ScimWorld;
  readonly client: Client;
  readonly foreign: string;
  constructor(world: ScimWorld, client: Client, foreign: string) {
    this.world = world;
    this.client = client;
    this.foreign = foreign;
  }

  ids(kind?: 'user' | 'group'): string[] {
    return [...this.model.all].filter(([, one]) => kind === undefined || one.kind === kind).map(([id]) => id);
  }
  pick(at: number, kind?: 'user' | 'group'): string {
    return (
      [...this.ids(kind), ...(at === 9 ? [this.foreign] : [])][
        at === 9 ? this.ids(kind).length : at % Math.max(1, this.ids(kind).length)
      ] ??
      this.gone.at(-1) ??
      NOBODY
    );
  }

  request(step: Step): {
    method: string;
    path: string;
    data?: Json;
    model: (model: DirectoryModel, id: string) => void;
    kind: 'user' | 'group';
  } {
    const kind = step.do.endsWith('user') ? 'user' : 'group';
    const home = kind === 'user' ? '/Users' : '/Groups';
    const schemas = kind === 'user' ? [U, X] : [G];
    const id = this.pick(step.at, kind);
    const path = `${home}/${id}`;
    const members = (list: readonly number[]) => list.map((at) => this.pick(at));
    const refs = (list: readonly string[]) => list.map((value) => ({ value }));
    switch (step.do) {
      case 'post-user':
        return {
          kind,
          method: 'POST',
          path: home,
          data: { schemas, ...step.doc },
          model: (model, made) => model.createUser(made, step.doc),
        };
      case 'put-user':
        return {
          kind,
          method: 'PUT',
          path,
          data: { schemas, ...step.doc },
          model: (model) => model.putUser(id, step.doc),
        };
      case 'patch-user':
        return {
          kind,
          method: 'PATCH',
          path,
          data: { schemas: [P], Operations: step.ops.map(written) },
          model: (model) => model.patchUser(id, step.ops),
        };
      case 'delete-user':
      case 'delete-group':
        return { kind, method: 'DELETE', path, model: (model) => model.delete(id, kind) };
      case 'post-group': {
        const list = members(step.members ?? []);
        return {
          kind,
          method: 'POST',
          path: home,
          data: { schemas, ...step.doc, members: refs(list) },
          model: (model, made) => model.createGroup(made, step.doc, list),
        };
      }
      case 'put-group': {
        const list = step.members === undefined ? undefined : members(step.members);
        return {
          kind,
          method: 'PUT',
          path,
          data: { schemas, ...step.doc, ...(list === undefined ? {} : { members: refs(list) }) },
          model: (model) =>
            model.changeGroup(id, list === undefined ? [] : [{ op: 'replace', members: list }], step.doc),
        };
      }
      case 'patch-group': {
        const ops = step.ops.map(
          (op): TeamOp =>
            'members' in op
              ? { ...op, members: members(op.members) }
              : 'member' in op
                ? { ...op, member: this.pick(op.member) }
                : op,
        );
        const Operations = ops.map((op) => {
          if (op.op === 'rename') return { op: 'replace', path: 'displayName', value: op.name };
          if (op.op === 'clear') return { op: 'remove', path: 'members' };
          if (op.op === 'select') return { op: 'remove', path: `members[value eq "${op.member}"]` };
          return { op: op.op, path: 'members', value: refs(op.members) };
        });
        return {
          kind,
          method: 'PATCH',
          path,
          data: { schemas: [P], Operations },
          model: (model) => model.changeGroup(id, ops),
        };
      }
    }
  }

  /** What the model makes of it: a status. */
  judge(run: (model: DirectoryModel) => void, fine: number): number {
    const next = this.model.copy();
    try {
      run(next);
      const left = this.ids().filter((id) => !next.all.has(id));
      this.gone.push(...left);
      this.model = next;
      return fine;
    } catch (error) {
      if (error instanceof Refused) return 400;
      if (error instanceof Unknown) return 404;
      if (error instanceof Taken) return 409;
      throw error;
    }
  }

  async single(step: Step): Promise<void> {
    const { method, path, data, model, kind } = this.request(step);
    const answer = await this.client.send(method, path, data);
    const about = `${method} ${path} ${JSON.stringify(data)} ${answer.text}`;
    const fine = method === 'POST' ? 201 : method === 'DELETE' ? 204 : 200;
    const expected = this.judge((next) => model(next, answer.body?.id ?? 'none'), fine);
    const nothing = method === 'PATCH' && kind === 'group' && answer.status === 204;
    assert.equal(nothing ? 200 : answer.status, expected, about);
  }

  /** At once: there is an order of the requests in which they would have come to this. */
  async together(steps: readonly Step[]): Promise<void> {
    const asked = steps.map((step) => this.request(step));
    const answers = await Promise.all(asked.map(({ method, path, data }) => this.client.send(method, path, data)));
    const found = answers.map(({ status }, at) => (status === 204 && asked[at]!.method === 'PATCH' ? 200 : status));
    const seen = await this.seen();
    const tried: unknown[] = [];
    for (const order of permutations(asked.map((_, at) => at))) {
      const start = this.model;
      const gone = [...this.gone];
      const statuses: number[] = [];
      for (const at of order) {
        const { method, model } = asked[at]!;
        statuses[at] = this.judge(
          (next) => model(next, answers[at]!.body?.id ?? 'none'),
          method === 'POST' ? 201 : method === 'DELETE' ? 204 : 200,
        );
      }
      const state = this.thought();
      if (equal(statuses, found) && equal(state, seen)) return;
      tried.push(statuses, equal(statuses, found) ? state : 0);
      this.model = start;
      this.gone = gone;
    }
    assert.fail(
      `no order of ${JSON.stringify(asked)} gives ${JSON.stringify(answers.map(({ status, text }) => [status, text]))}\n${JSON.stringify(seen)}\n${JSON.stringify(tried)}\n${JSON.stringify(this.thought())}`,
    );
  }

  async seen(): Promise<Json> {
    const users = (await this.client.get('/Users?count=1000')).body.Resources;
    const groups = (await this.client.get('/Groups?count=1000')).body.Resources;
    return {
      marks: await this.world.marks(),
      all: [...users, ...groups]
        .map((shown: Json) => ({
          id: shown.id,
          doc: own(shown),
          version: Number(/^W\/"(\d+)/.exec(shown.meta.version)![1]),
          members: (shown.members ?? []).map((item: Json) => item.value).sort(),
        }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    };
  }

  thought(): Json {
    return {
      marks: [...this.model.marks].sort(),
      all: [...this.model.all]
        .map(([id, one]) => ({
          id,
          doc: one.doc,
          version: one.version,
          members: one.kind === 'group' ? [...one.members].sort() : [],
        }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    };
  }

  async bulk(steps: readonly Step[]): Promise<void> {
    // Chosen before anything is done, so none refers to what this request makes.
    const asked = steps.map((step) => this.request(step));
    const answer = await this.client.post('/Bulk', {
      schemas: [BULK],
      Operations: asked.map(({ method, path, data }, at) =>
        solid({ method, path, data, bulkId: method === 'POST' ? `b${at}` : undefined }),
      ),
    });
    assert.equal(answer.status, 200, answer.text);
    for (const [at, { method, path, data, model }] of asked.entries()) {
      const its = answer.body.Operations[at];
      const id = method === 'POST' ? (its.location?.split('/').at(-1) ?? 'none') : 'none';
      const expected = this.judge((next) => model(next, id), method === 'POST' ? 201 : method === 'DELETE' ? 204 : 200);
      assert.equal(
        its.status,
        String(expected),
        `bulk ${at} ${method} ${path} ${JSON.stringify(data)} ${answer.text} of ${JSON.stringify(asked)}`,
      );
    }
  }

  async check(about: string): Promise<void> {
    const { world, client, model } = this;
    const users = (await client.get('/Users?count=1000')).body.Resources;
    const groups = (await client.get('/Groups?count=1000')).body.Resources;
    assert.deepEqual([...users, ...groups].map(({ id }: Json) => id).sort(), this.ids().sort(), about);
    for (const shown of [...users, ...groups]) {
      const one = model.all.get(shown.id)!;
      assert.ok(equal(own(shown), one.doc), `${about}\n${JSON.stringify(own(shown))}\n${JSON.stringify(one.doc)}`);
      assert.equal(
        Number(/^W\/"(\d+)/.exec(shown.meta.version)![1]),
        one.version,
        `${about} version of ${JSON.stringify(shown)}`,
      );
      if (one.kind === 'user') {
        const expected = [...model.groupsOf(shown.id)].map(
          ([value, type]) => `${value} ${type} ${model.all.get(value)!.doc.displayName}`,
        );
        assert.deepEqual(
          (shown.groups ?? []).map((item: Json) => `${item.value} ${item.type} ${item.display}`).sort(),
          expected.sort(),
          about,
        );
      } else {
        const expected = [...one.members].map(
          (value) => `${value} ${model.all.get(value)!.kind === 'user' ? 'User' : 'Group'}`,
        );
        assert.deepEqual(
          (shown.members ?? []).map((item: Json) => `${item.value} ${item.type}`).sort(),
          expected.sort(),
          about,
        );
      }
      assert.deepEqual(
        (await client.get(shown.meta.location.slice(shown.meta.location.indexOf('/v2') + 3))).body,
        shown,
      );
    }
    assert.deepEqual(await world.marks(), [...model.marks].sort(), about);
    await world.forget();
    model.marks.clear();
    await recount(world, model, this.gone, about);
  }
}
