import type { ResourceType } from './resource.ts';
import { RESOURCE_TYPES } from './schemas/catalogue.ts';

/** URL of a resource under the base URL of the service, which has no slash at its end. */
export function locationOf(base: string, type: ResourceType, id: string): string {
  return `${base}${RESOURCE_TYPES[type].endpoint}/${encodeURIComponent(id)}`;
}
