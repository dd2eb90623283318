import { type Dialect, LENIENT } from './dialect.ts';

/** Clients that write groups whole by PUT, and leave `members` out of one that has none any more: Pocket ID, Keycloak's add-ons. */
export const whole: Dialect = Object.freeze({ ...LENIENT, silentMembers: 'nobody' });
