import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driver, practise } from './stage.ts';
import { transcript } from './transcript.ts';

/** What a real controller (2.568.2, oic-auth 4.715) answered the script. */
interface Answered {
  readonly n: string;
  readonly response: { readonly reply: { readonly result: { readonly realm: string; readonly escapeHatch: string } } };
}

test('topic 38: an escape hatch is told as a real controller tells it', async (t) => {
  const practice = await practise();
  t.after(() => practice.close());
  practice.hands.escapeHatch('ruth');
  const controller = driver(practice);
  t.after(() => controller.close());
  const [probed] = transcript<Answered>('38-escape-hatch');
  const { realm, escapeHatch } = await controller.probe();
  const { result } = probed!.response.reply;
  assert.deepEqual({ realm, escapeHatch }, { realm: result.realm, escapeHatch: result.escapeHatch });
  practice.hands.escapeHatch();
  assert.equal((await controller.probe()).escapeHatch, null);
});
