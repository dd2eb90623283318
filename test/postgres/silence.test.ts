import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Silence } from '../../src/store/postgres/silence.ts';
import { SimulatedTime, settle } from '../sim/time.ts';

const PATIENCE = 5_000;

class Link {
  ended = false;
  waiting = false;
  heard = 0;
  dropped: string | undefined;

  drop(reason: string): void {
    this.dropped = reason;
    this.ended = true;
  }
}

/** Connections under watch, and a server that answers somebody new when it is told to. */
function watched(count: number) {
  const time = new SimulatedTime();
  const asked: ((alive: boolean) => void)[] = [];
  const answers = (): Promise<boolean> => new Promise((resolve) => asked.push(resolve));
  const silence = new Silence({ timers: time, patience: PATIENCE, answers });
  const links = Array.from({ length: count }, () => new Link());
  for (const link of links) silence.watch(link);
  return { time, asked, links, silence };
}

test('who waits for nothing, or hears something, is not asked about', async () => {
  const { time, asked, links } = watched(2);
  links[1]!.waiting = true;
  for (let n = 0; n < 40; n++) {
    links[1]!.heard += 1;
    await time.advance(1_000);
  }
  assert.equal(asked.length, 0);
});

test('where a server answers nobody, those who wait are told, and no others', async () => {
  const { time, asked, links } = watched(3);
  const [silent, idle, talking] = links as [Link, Link, Link];
  silent.waiting = true;
  talking.waiting = true;
  await time.advance(PATIENCE / 2);
  assert.equal(asked.length, 1, 'half the patience');
  assert.equal(silent.dropped, undefined);
  talking.heard += 1;
  asked[0]!(false);
  await settle();
  assert.deepEqual(
    [silent, idle, talking].map(({ dropped }) => dropped),
    ['the server does not answer', undefined, undefined],
  );
});

test('a statement that takes long on a server that answers others goes on, and is asked about again and again', async () => {
  const { time, asked, links } = watched(1);
  links[0]!.waiting = true;
  for (let round = 1; round <= 5; round++) {
    await time.advance(PATIENCE / 2);
    assert.equal(asked.length, round);
    await time.advance(PATIENCE);
    assert.equal(asked.length, round, 'one question at a time');
    asked.at(-1)!(true);
    await settle();
    assert.equal(links[0]!.dropped, undefined);
  }
  await time.advance(PATIENCE / 2);
  asked.at(-1)!(false);
  await settle();
  assert.equal(links[0]!.dropped, 'the server does not answer');
});
