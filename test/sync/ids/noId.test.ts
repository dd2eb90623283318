import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim, NoId } from '../../../src/plan/identities.ts';
import { noIdText } from '../../../src/sync/ids/noId.ts';

test('it is told why somebody has no id: who has it, in which spelling it was asked for, or what is not configured', () => {
  const owner = (id: string, state: Claim['state']): [string, Claim] => [
    id,
    { foldedId: id, id, person: 'bo', connection: 'entra', state },
  ];
  const owners = new Map([owner('has', 'current'), owner('leaves', 'leaving')]);
  const told = (none: NoId, wanted?: string, configured = true) =>
    noIdText(
      'ci',
      { none, ...(wanted === undefined ? {} : { wanted }) },
      { name: 'okta', configured },
      'case-insensitive',
      owners,
    );
  assert.deepEqual(
    [
      told('connection'),
      told('connection', 'ana', false),
      told('absent'),
      told('reserved', 'SYSTEM'),
      told('protected', 'Admin'),
      told('contested', 'Has'),
      told('contested', 'leaves'),
      told('contested', 'both'),
      told('deleted'),
    ],
    [
      'a way to ci: `controllers` of the connection okta leaves it out',
      'a way to ci: there is no connection okta in the configuration',
      'a Jenkins id on ci: there is no value in the attribute that is the id',
      'a Jenkins id on ci: SYSTEM can never be a person there',
      'a Jenkins id on ci: Admin is protected, and neither gains nor loses',
      'a Jenkins id on ci: Has belongs to bo of entra',
      'a Jenkins id on ci: leaves belongs to bo of entra, who is leaving it',
      'a Jenkins id on ci: both is asked for by somebody else, too',
      'a Jenkins id on ci: deleted',
    ],
  );
});
