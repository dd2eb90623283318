import { didYouMean } from '../../config/nearest.ts';
import type { Config } from '../../config/schema.ts';
import { unknownConnection } from '../../config/unknown.ts';
import type { PauseTarget } from '../engine.ts';
import { usage } from '../failure.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { fine } from '../outcome.ts';
import { knownController, session } from '../session.ts';

type Words = [string | undefined, string | undefined];

/** `pause` and `resume`: data and tokens are kept, debts add up. */
export const registerPause: Register = (program, host) => {
  commandOf(program, 'pause', 'stop acting; what is owed adds up', 'jenkins-scim pause controller ci-main')
    .argument('[kind]', 'connection, controller or all', 'all')
    .argument('[name]')
    .action(
      action<object, Words>(host, (invocation, kind, name) =>
        session(invocation, async (engine, config) => {
          const target = targetOf(config, kind, name);
          await engine.pause(target);
          return fine({ paused: target }, `Paused: ${shown(target)}. jenkins-scim resume ${shown(target)} goes on.\n`);
        }),
      ),
    );

  commandOf(
    program,
    'resume',
    'go on; read the plan first, it holds what added up',
    'jenkins-scim resume controller ci-main',
  )
    .argument('[kind]', 'connection, controller or all', 'all')
    .argument('[name]')
    .action(
      action<object, Words>(host, (invocation, kind, name) =>
        session(invocation, async (engine, config) => {
          const target = targetOf(config, kind, name);
          await engine.resume(target);
          return fine({ resumed: target }, `Resumed: ${shown(target)}.\n`);
        }),
      ),
    );
};

function targetOf(config: Config, kind: string | undefined, name: string | undefined): PauseTarget {
  if (kind === 'all') {
    if (name !== undefined) throw usage(`all is everything: say connection ${name} or controller ${name}, or nothing`);
    return { kind };
  }
  if (kind !== 'connection' && kind !== 'controller') {
    const hint = didYouMean(kind ?? '', ['connection', 'controller', 'all']);
    throw usage(`pause or resume: connection NAME, controller NAME or all; not ${kind}${hint}`);
  }
  const known = config[`${kind}s`].map((item) => item.name);
  if (name === undefined) throw usage(`which ${kind}? Known: ${known.join(', ') || 'none'}`);
  if (kind === 'controller') knownController(config, name);
  else if (!known.includes(name)) throw unknownConnection(name, known);
  return { kind, name };
}

function shown(target: PauseTarget): string {
  return target.kind === 'all' ? 'all' : `${target.kind} ${target.name}`;
}
