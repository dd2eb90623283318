import { didYouMean } from '../../config/nearest.ts';
import { usage } from '../failure.ts';
import { examine } from '../init/examine.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { fine, outcome } from '../outcome.ts';
import { table } from '../printable.ts';
import { configuration, knownController, session } from '../session.ts';
import { registerRotateToken } from './rotateToken.ts';

/** `controller check|detach|scripts|rotate-token`: what the service holds for a controller, and what it runs there. */
export const registerController: Register = (program, host) => {
  const group = commandOf(
    program,
    'controller',
    'look at a controller, or let go of it',
    'jenkins-scim controller check ci-main',
  );

  commandOf(group, 'check', 'does it answer, and who are we there', 'jenkins-scim controller check ci-main')
    .argument('<name>')
    .action(
      action<object, [string]>(host, async (invocation, name) => {
        knownController(configuration(invocation), name);
        const found = await examine(invocation.config, name, host);
        return outcome(found.failed ? 1 : 0, found.json, `${found.lines.join('\n').trimEnd()}\n`);
      }),
    );

  commandOf(
    group,
    'detach',
    'forget what is owned there; nothing changes on Jenkins',
    'jenkins-scim controller detach ci-main',
  )
    .argument('<name>')
    .action(
      action<object, [string]>(host, (invocation, name) =>
        session(invocation, async (engine, config) => {
          const owned = await engine.detach(name);
          const next = config.controllers.some((controller) => controller.name === name)
            ? ' It is configured, and what runs takes it up again: remove it from the configuration, then run this once more.'
            : '';
          return fine({ controller: name, released: owned }, `${name}: ${owned} entry(ies) let go.${next}\n`);
        }),
      ),
    );

  commandOf(
    group,
    'scripts',
    'what the service runs in the script console, by SHA-256',
    'jenkins-scim controller scripts apply | sha256sum',
  )
    .argument('[name]', 'print the text of this one')
    .action(
      action<object, [string | undefined]>(host, async (_invocation, name) => {
        const { published } = await import('../../jenkins/scripts/catalogue.ts');
        const scripts = published();
        if (name === undefined) {
          const rows = scripts.map((script) => [script.name, script.sha256, script.purpose]);
          const listed = scripts.map(({ text: _, ...script }) => script);
          return fine({ scripts: listed }, table([['SCRIPT', 'SHA-256', 'PURPOSE'], ...rows]));
        }
        const one = scripts.find((script) => script.name === name);
        if (one === undefined) {
          const names = scripts.map((script) => script.name);
          throw usage(`unknown script: ${name}${didYouMean(name, names)}; there are ${names.join(', ')}`);
        }
        return fine(one, one.text);
      }),
    );

  registerRotateToken(group, host);
};
