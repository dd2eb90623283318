import type { Answer, Front, Request } from './front.ts';

/**
 * Pushes until it is told what became of it, as providers do: the same again after no answer or a 5xx; where it is there by then, what
 * is there is taken for what was made.
 */
export async function pushed(
  request: Request,
  front: () => Promise<Front>,
  isNew: (id: string) => boolean,
): Promise<Answer> {
  let again = false;
  for (;;) {
    const answer = await (await front()).ask(request);
    if (answer === undefined || answer.status >= 500) {
      again = true;
      continue;
    }
    if (!again) return answer;
    if (request.method === 'DELETE' && answer.status === 404) return { status: 204, body: undefined };
    if (request.method !== 'POST' || answer.status !== 409) return { ...answer, again };
    return (await found(request, front, isNew)) ?? answer;
  }
}

/** What has the name that a creation asked for, where nobody has heard of it yet. */
async function found(
  { connection, path, body }: Request,
  front: () => Promise<Front>,
  isNew: (id: string) => boolean,
): Promise<Answer | undefined> {
  const { userName, displayName } = body as { readonly userName?: string; readonly displayName?: string };
  const asked = userName === undefined ? `displayName eq "${displayName}"` : `userName eq "${userName}"`;
  const looked = { connection, method: 'GET', path: `${path}?filter=${encodeURIComponent(asked)}` } as const;
  const answer = await (await front()).ask(looked);
  if (answer === undefined) return found({ connection, method: 'POST', path, body }, front, isNew);
  const [there] = answer.body.Resources;
  return there === undefined || !isNew(there.id) ? undefined : { status: 201, body: there };
}
