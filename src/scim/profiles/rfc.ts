import { type Dialect, STRICT } from './dialect.ts';

/** RFC 7643 and RFC 7644 to the letter, for conformance suites and strict clients. */
export const rfc: Dialect = STRICT;
