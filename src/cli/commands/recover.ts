import { readFileSync } from 'node:fs';
import { action, commandOf, type Register } from '../invocation.ts';
import { fine } from '../outcome.ts';
import { session } from '../session.ts';

/** `recover`: what was owned, from an export of the ledger, after the database was lost; every controller waits for `resume`. */
export const registerRecover: Register = (program, host) => {
  commandOf(
    program,
    'recover',
    'rebuild what is owned after a lost database; controllers wait for `resume`',
    'jenkins-scim recover --ledger ledger.ndjson',
  )
    .requiredOption('--ledger <file>', 'what `ledger export` wrote')
    .action(
      action<{ ledger: string }>(host, (invocation) =>
        session(invocation, async (engine) => {
          const found = await engine.recover(readFileSync(invocation.options.ledger, 'utf8').split('\n'));
          const text = `${found.entries} entry(ies) and ${found.roles} role(s) are owned again. Every controller is on hold.\nRead \`jenkins-scim plan\`, then \`jenkins-scim resume all\`.\n`;
          return fine(found, text);
        }),
      ),
    );
};
