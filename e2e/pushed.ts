import assert from 'node:assert/strict';
import { okta } from '../src/cli/demo/bodies.ts';
import type { Provider, ScimAnswer } from '../src/cli/demo/scim.ts';

/** A person as pushed; the user name is the id on the controller. */
export interface Pushed {
  readonly id: string;
  readonly userName: string;
}

/** Creates people and a group of them, as Okta pushes them. */
export async function pushTeam(
  provider: Provider,
  group: string,
  names: readonly string[],
): Promise<{ readonly group: string; readonly people: readonly Pushed[] }> {
  const people: Pushed[] = [];
  for (const [at, userName] of names.entries()) {
    const body = okta.person({ userName, given: 'Test', family: `No ${at}`, externalId: `${group}-${at}` });
    people.push({ id: idOf(accepted(await provider.send('POST', '/Users', body), 201)), userName });
  }
  const made = idOf(accepted(await provider.send('POST', '/Groups', okta.group(group)), 201));
  accepted(await provider.send('PATCH', `/Groups/${made}`, okta.add(people)), 204);
  return { group: made, people };
}

export async function takeOut(provider: Provider, group: string, person: Pushed): Promise<void> {
  accepted(await provider.send('PATCH', `/Groups/${group}`, okta.remove(person.id)), 204);
}

export async function putIn(provider: Provider, group: string, person: Pushed): Promise<void> {
  accepted(await provider.send('PATCH', `/Groups/${group}`, okta.add([person])), 204);
}

/** `active: false`, as Okta deactivates. */
export function deactivate(provider: Provider, person: Pushed): Promise<void> {
  return setActive(provider, person, false);
}

/** `active: true`, as Okta reactivates. */
export function reactivate(provider: Provider, person: Pushed): Promise<void> {
  return setActive(provider, person, true);
}

async function setActive(provider: Provider, person: Pushed, active: boolean): Promise<void> {
  const body = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', value: { active } }],
  };
  const { status } = await provider.send('PATCH', `/Users/${person.id}`, body);
  assert.ok(status === 200 || status === 204, `active: ${active} answered ${status}`);
}

function accepted(answer: ScimAnswer, status: number): ScimAnswer {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer;
}

function idOf(answer: ScimAnswer): string {
  return String(answer.body.id);
}
