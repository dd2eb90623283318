import type { Capabilities } from '../../access/ports/controller.ts';

const UNKNOWN: Pick<Capabilities, 'userIds' | 'groupIds' | 'permissions'> = {
  userIds: 'case-insensitive',
  groupIds: 'case-insensitive',
  permissions: [],
};

/** What was learnt at the last probe; usual values before the first one. */
export function capabilitiesOf(text: string | null): Pick<Capabilities, 'userIds' | 'groupIds' | 'permissions'> {
  return text === null ? UNKNOWN : (JSON.parse(text) as Capabilities);
}
