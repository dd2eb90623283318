import assert from 'node:assert/strict';
import type { Case } from '../case.ts';
import { entries } from '../rest.ts';
import { make, send } from '../roles.ts';

/** Ids that a directory really has, and some that it should not. */
export const ODD_IDS = [
  'with space',
  ' lead-trail ',
  "o'hara",
  'say "hi"',
  'jürgen.müßig',
  'ana+ci@corp.test',
  'back\\slash',
  'sl/ash',
  'a,b',
  '$' + '{readFile:/etc/passwd}',
  '</script><b>',
  '日本 😀',
  '[json]',
  '{"a":1}',
  'null',
  'tab\there',
  'x'.repeat(300),
];

export const ids: Case = {
  name: "ids: spaces, quotes, umlauts, +, ' and worse, byte for byte",
  async run(scene) {
    const { stage, prefix } = scene;
    const role = { type: 'item', name: `${prefix}Rôle "x", <b>/é 漢字`, pattern: '.*', permissions: [] } as const;
    const key = await make(scene, role, ODD_IDS);
    assert.deepEqual(await entries(stage, key), ODD_IDS.map((id) => `user ${id}`).toSorted());
    const revoked = await send(
      scene,
      ODD_IDS.map((id) => ({ op: 'revoke', role: key, principal: { type: 'user', id } })),
    );
    assert.equal(revoked.outcome, 'done', JSON.stringify(revoked));
    assert.deepEqual(await entries(stage, key), []);
    return `${ODD_IDS.length} ids`;
  },
};
