import { type Answer, DONE } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import { PERMISSIONS } from '../state/catalogue.ts';

/**
 * `POST /user/X/descriptorByName/jenkins.security.ApiTokenProperty/revokeAll`: clears the tokens and saves, but not the old
 * secret field, so that a legacy token is back after a restart (topic 06, exchanges 03 and 29).
 */
export function revokeAll(exchange: Exchange): Answer | undefined {
  const { request, home } = exchange;
  const [, id = '', ...rest] = request.segments;
  if (request.method !== 'POST' || rest.join('/') !== 'descriptorByName/jenkins.security.ApiTokenProperty/revokeAll')
    return undefined;
  const person = home.people.get(id);
  if (person === undefined) return undefined;
  const refused = exchange.visit.visitor.name === person.id ? undefined : exchange.refused(PERMISSIONS.administer);
  if (refused !== undefined) return refused;
  home.people.put({ ...person, tokens: [] });
  home.people.save(person.id);
  return DONE;
}
