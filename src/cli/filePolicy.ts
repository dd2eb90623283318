import type { Config } from '../config/schema.ts';
import { refuse, ScimError } from '../errors.ts';
import type { Host } from './invocation.ts';
import type { Outcome } from './outcome.ts';
import { printable } from './printable.ts';

/**
 * What a command did by the policy in force, beside what is wrong with the file of it: whoever has just edited that would take the answer
 * for one about the edit. An error, whatever else there is to say.
 */
export async function besideBrokenPolicy(host: Host, config: Config, done: Outcome): Promise<Outcome> {
  const trouble = await troubleOf(host, config.policy);
  if (trouble === undefined) return done;
  const { code, message, remedy } = trouble;
  const told = `\nThis is by an older policy, ${config.policy} is not in force.\n${code}: ${message}\nRemedy: ${remedy}\n`;
  // What was said before may have colours.
  const json = { ...(done.json as object), policyError: { code, message, remedy } };
  return { exit: 1, json, text: done.text + printable(told) };
}

/** Why the file cannot come into force; undefined where it can. */
async function troubleOf({ modules }: Host, path: string): Promise<ScimError | undefined> {
  try {
    const { digest, findings } = await modules.policy.lint(path);
    if (digest !== undefined) return undefined;
    return refuse('POL_INVALID', { path, count: findings.filter(({ level }) => level === 'error').length });
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
}
