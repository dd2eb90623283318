import type { ScimError } from '../errors.ts';
import { ERROR } from './urns.ts';

/** Body of RFC 7644 §3.12; nothing else may stand in it, so that the remedy is part of `detail`. */
interface ErrorBody {
  readonly schemas: readonly [typeof ERROR];
  /** A string, as the RFC has it. */
  readonly status: string;
  readonly scimType?: string;
  readonly detail: string;
}

/** An error in SCIM form. */
export function errorBody(error: Pick<ScimError, 'status' | 'scimType' | 'message' | 'remedy'>): ErrorBody {
  return {
    schemas: [ERROR],
    status: String(error.status),
    ...(error.scimType === undefined ? {} : { scimType: error.scimType }),
    detail: `${error.message.replace(/[.\s]+$/, '')}. ${error.remedy}`,
  };
}
