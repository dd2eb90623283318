import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Certificate, certificateText } from '../../src/cli/print/certificate.ts';

const DONE: Certificate = {
  user: 'ana',
  state: 'leaver',
  receivedAt: '2026-11-24T08:00:00.000Z',
  controllers: [{ name: 'ci', steps: [], missing: [], residual: [], doneAt: null, elapsedMs: 200 }],
  complete: true,
};

test('a certificate says that nothing is left only where nothing is residual', () => {
  assert.match(certificateText(DONE), /Complete: nothing is left that can act\./);
  const residual = [{ ...DONE.controllers[0]!, residual: ['1 running build(s)'] }];
  const text = certificateText({ ...DONE, controllers: residual });
  assert.doesNotMatch(text, /nothing is left/);
  assert.match(text, /Complete: every step is verified\. What is residual is yours to decide\./);
});

test('of somebody active, a certificate does not say that nothing is cut below what was cut at an id they gave up', () => {
  const active = { ...DONE, state: 'active', complete: false };
  assert.match(
    certificateText(active),
    /No leaver: this is about ids they gave up, or tokens without a grant\.$/m,
    'no word of --now, which would cut off somebody who stays',
  );
  assert.match(
    certificateText({ ...active, controllers: [] }),
    /No leaver: nothing is cut\. --now cuts them off as one\./,
  );
});

test('what --lift took back is said, and that there was nothing to take back', () => {
  const active = { ...DONE, state: 'active', complete: false, controllers: [] };
  const taken = certificateText({ ...active, lifted: true });
  assert.match(taken, /--now is taken back: grants return by the rules, tokens and keys do not\./);
  assert.doesNotMatch(taken, /--now cuts/);
  assert.match(certificateText({ ...active, lifted: false }), /There was no --now to take back\./);
  assert.match(certificateText({ ...DONE, lifted: true }), /is taken back[\s\S]*Complete/);
});

test('where --release-id found nothing owed, that is said', () => {
  const active = { ...DONE, state: 'active', complete: false, controllers: [] };
  const text = certificateText({ ...active, released: false });
  assert.match(text, /There was no id to give free: nothing was owed\./);
  assert.doesNotMatch(text, /--now cuts/);
  assert.match(certificateText({ ...DONE, released: true }), /The ids are given free; what is owed there stays\./);
});

test('what was cut at a former id is shown as that', () => {
  const former = { ...DONE.controllers[0]!, formerId: 'anna\u001b' };
  const text = certificateText({ ...DONE, controllers: [former, DONE.controllers[0]!] });
  assert.match(text, /\n {2}ci, at the former id anna\\u001b: 200 ms\n {2}ci: 200 ms\n/);
});
