import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explanationText } from '../../src/cli/print/explanation.ts';

const state = (grant: object): string =>
  explanationText({
    user: 'ana',
    controllers: [
      {
        ...{ name: 'ci', jenkinsId: 'ana', active: true, whyNot: [] },
        grants: [
          { ...{ role: 'dev', scope: 'global', permissions: ['Job/Read'], effective: false, reasons: [] }, ...grant },
        ],
      },
    ],
  })
    .replace(/\s+/g, ' ')
    .replace(/^.*\(global\) (.*) gives Job.*$/, '$1');

test('explain tells in words how each grant stands, and who mends what does not mend itself', () => {
  assert.equal(state({ effective: true }), 'effective');
  assert.equal(state({}), 'NOT effective yet');
  assert.equal(state({ held: 'mode' }), 'NOT effective: held by mode');
  assert.match(state({ unmade: true }), /^NOT effective: .*until `jenkins-scim adopt --role NAME`$/);
  const there = { effective: true };
  assert.equal(state({ ...there, overdue: true }), 'OVERDUE: it has ended and still stands there');
  assert.equal(state({ ...there, loss: 'pending' }), 'STILL THERE: no rule gives it any more');
  assert.match(state({ ...there, loss: 'whole-group' }), /^STILL THERE: .*, its loss is held by whole-group$/);
  assert.match(
    state({ ...there, loss: 'by-hand' }),
    /^STILL THERE: .*; somebody gave it by hand: take it away in Jenkins$/,
  );
});
