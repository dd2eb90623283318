import { type Answer, api } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import { isRead } from './root.ts';

const PROPERTIES: readonly Readonly<Record<string, unknown>>[] = [
  { _class: 'jenkins.security.ApiTokenProperty' },
  { _class: 'jenkins.console.ConsoleUrlProviderUserProperty' },
  { _class: 'jenkins.views.ViewsTabBarUserProperty' },
  { _class: 'hudson.tasks.Mailer$UserProperty', address: null },
  { _class: 'hudson.model.MyViewsProperty' },
  { _class: 'org.jenkinsci.plugins.displayurlapi.user.PreferredProviderUserProperty' },
  { _class: 'hudson.model.PaneStatusProperties' },
  { _class: 'jenkins.security.seed.UserSeedProperty' },
  { _class: 'hudson.search.UserSearchProperty', insensitiveSearch: true },
  { _class: 'hudson.model.TimeZoneProperty' },
  { _class: 'jenkins.model.experimentalflags.UserExperimentalFlagsProperty' },
  { _class: 'hudson.security.HudsonPrivateSecurityRealm$Details' },
];

/** `GET /me/api/json` of somebody of the local realm. */
export function me(exchange: Exchange): Answer | undefined {
  if (!isRead(exchange, 'me/api/json')) return undefined;
  const person = exchange.home.people.need(exchange.visit.visitor.name);
  const property = PROPERTIES.filter(
    (row) => person.password !== undefined || !String(row._class).endsWith('$Details'),
  );
  const absoluteUrl = `${exchange.host.url}user/${encodeURIComponent(person.id)}`;
  return api(
    { _class: 'hudson.model.User', absoluteUrl, description: null, fullName: person.fullName, id: person.id, property },
    exchange.stamp,
  );
}
