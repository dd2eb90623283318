import { POLICY } from './world.ts';

/** The policy of these tests, with a role that somebody made by hand in the place of `browser`. */
export function existingPolicy(): string {
  return POLICY.replace('    scope: global\n    preset: browse\n', '    existing: { type: global, name: readers }\n');
}
