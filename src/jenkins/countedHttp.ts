import { type Http, HttpFailure } from '../access/ports/http.ts';
import type { UseCount } from '../access/ports/useCount.ts';

/** The same client, with each request counted. What was never sent, or was answered 401, used no token (ApiTokenProperty.matchesPassword). */
export function countedHttp(http: Http, count: UseCount): Http {
  return {
    async send(request) {
      await count.begin();
      let used = true;
      try {
        const answer = await http.send(request);
        used = answer.status !== 401;
        return answer;
      } catch (failure) {
        if (failure instanceof HttpFailure) used = failure.sent;
        throw failure;
      } finally {
        count.end(used);
      }
    },
    close: () => http.close(),
  };
}
