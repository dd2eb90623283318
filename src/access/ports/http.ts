export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for the whole exchange. */
  readonly timeout: number;
  /** Most bytes of the decompressed answer. */
  readonly limit: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Why no answer came. `sent` tells whether the other side may have acted. */
export class HttpFailure extends Error {
  readonly kind: 'refused' | 'dns' | 'tls' | 'reset' | 'timeout' | 'too-large' | 'proxy';
  readonly sent: boolean;

  constructor(kind: HttpFailure['kind'], sent: boolean, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'HttpFailure';
    this.kind = kind;
    this.sent = sent;
  }
}

/** Sends and returns what came back: no cookies kept, no redirect followed, no retry. @throws HttpFailure */
export interface Http {
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}
