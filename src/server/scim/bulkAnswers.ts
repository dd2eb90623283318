import type { Log } from '../../access/ports/log.ts';
import { refuse, ScimError } from '../../errors.ts';
import { bulkIdOf } from '../../scim/bulk/bulkId.ts';
import type { BulkEntry } from '../../scim/bulk/request.ts';
import { errorBody } from '../../scim/errorBody.ts';
import { etag } from '../../scim/etag.ts';
import { locationOf } from '../../scim/location.ts';
import type { GroupResource, UserResource } from '../../scim/resource.ts';

/** What one operation came to (RFC 7644 §3.7.3); `status` is a string. */
export interface BulkAnswer {
  readonly method?: string;
  readonly bulkId?: string;
  readonly version?: string;
  readonly location?: string;
  readonly status: string;
  readonly response?: unknown;
}

interface Told {
  readonly baseUrl: () => string;
  readonly log: Log;
  /** Id of the whole request. */
  readonly request: string;
}

/** What the operations of one request came to, each in its place. */
export class BulkAnswers {
  readonly #entries: readonly BulkEntry[];
  readonly #told: Told;
  readonly #answers: (BulkAnswer | undefined)[];
  /** Ids of what was created, by bulkId. */
  readonly ids = new Map<string, string>();
  failed = 0;

  constructor(entries: readonly BulkEntry[], told: Told) {
    this.#entries = entries;
    this.#told = told;
    this.#answers = entries.map(() => undefined);
  }

  /** Of operations that were tried, in the order of the request. */
  given(): readonly BulkAnswer[] {
    return this.#answers.filter((answer) => answer !== undefined);
  }

  created(place: number, resource: UserResource | GroupResource): void {
    const { bulkId } = this.#entries[place]!;
    if (bulkId !== undefined) this.ids.set(bulkId, resource.id);
    this.done(place, '201', resource);
  }

  done(place: number, status: string, resource?: UserResource | GroupResource): void {
    const version = resource === undefined ? {} : { version: etag(resource) };
    this.#answers[place] = { ...this.#head(place), ...version, status };
  }

  fail(place: number, error: unknown): void {
    this.failed += 1;
    const response = errorBody(error instanceof ScimError ? error : this.#internal(error));
    this.#answers[place] = { ...this.#head(place), status: response.status, response };
  }

  #internal(error: unknown): ScimError {
    const { log, request } = this.#told;
    log.error('a bulk operation failed', { request, reason: String((error as Error)?.stack ?? error) });
    return refuse('SCIM_INTERNAL', { request });
  }

  /** Method, bulkId, and the location of all but POSTs that created nothing. */
  #head(place: number): Omit<BulkAnswer, 'status'> {
    const entry = this.#entries[place]!;
    const { method, bulkId, type } = entry;
    const id = this.idOf(entry);
    return {
      ...(method === undefined ? {} : { method }),
      ...(bulkId === undefined ? {} : { bulkId }),
      ...(type === undefined || id === undefined ? {} : { location: locationOf(this.#told.baseUrl(), type, id) }),
    };
  }

  /** The id of what a POST created, or in the path; a reference there stands for what was created. */
  idOf({ id, bulkId }: BulkEntry): string | undefined {
    const reference = id === undefined ? bulkId : bulkIdOf(id);
    return reference === undefined ? id : (this.ids.get(reference) ?? id);
  }
}
