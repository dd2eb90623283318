import { z } from 'zod';
import type { MadeToken } from '../access/ports/controller.ts';
import type { Connection } from './connection.ts';
import { boundedJson } from './judge/boundedJson.ts';

/** Of whoever asks; an API token needs no crumb (ApiTokenProperty.DescriptorImpl). */
const PROPERTY = 'me/descriptorByName/jenkins.security.ApiTokenProperty/';

const made = z.object({
  status: z.literal('ok'),
  data: z.object({ tokenUuid: z.string().min(1), tokenValue: z.string().min(1) }),
});

/** `generateNewToken`, only for oneself (ApiTokenProperty.java:602). @throws ScimError JEN_* */
export async function createToken(connection: Connection, name: string): Promise<MadeToken> {
  const body = await connection.post(`${PROPERTY}generateNewToken`, { newTokenName: name });
  const told = made.safeParse(boundedJson(body));
  if (!told.success)
    throw connection.error({ code: 'JEN_ANSWER', details: { reason: 'what it says of a new API token is none' } });
  return Object.freeze({ uuid: told.data.data.tokenUuid, value: told.data.data.tokenValue });
}

/** `revoke`; of an id that nobody knows an empty 200, too (ApiTokenProperty.java:738). A page is somebody else's. @throws ScimError JEN_* */
export async function revokeToken(connection: Connection, uuid: string): Promise<void> {
  const body = await connection.post(`${PROPERTY}revoke`, { tokenUuid: uuid });
  if (body.trim() !== '')
    throw connection.error({ code: 'JEN_ANSWER', details: { reason: 'it answers a page where it revokes a token' } });
}
