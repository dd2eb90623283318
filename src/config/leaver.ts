import { z } from 'zod';
import { duration } from './scalars.ts';

export const leaver = z
  .strictObject({
    tokens: z.enum(['revoke', 'keep']).default('revoke'),
    sshKeys: z
      .enum(['remove', 'keep'])
      .default('remove')
      .describe('Open SSH sessions, and commands of the CLI that run, are closed with the keys.'),
    sessions: z.enum(['end', 'keep']).default('end'),
    password: z.enum(['scramble', 'keep']).default('scramble').describe('Local realm only.'),
    grants: z.enum(['all', 'managed']).default('all').describe('all: entries made by hand fall too.'),
    record: z.enum(['keep', 'delete']).default('keep').describe('The user record on Jenkins.'),
    unentitledGrace: duration.prefault('1h').describe('How long tokens stay after the last grant of an active person.'),
  })
  .describe('What happens on each controller when somebody leaves.');

/** `unentitledGrace` in milliseconds. */
export type LeaverConfig = z.output<typeof leaver>;
