import { fileLines } from '../fileLines.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { fine } from '../outcome.ts';
import { session } from '../session.ts';

/** By a directory that has nobody yet, everybody would lose what is owned. */
const PUSH_FIRST =
  'Start the service, make a token, and have the identity provider push everybody: who is not in the directory loses what is owned.\nThen read `jenkins-scim plan`, and last `jenkins-scim resume all`.\n';

/** `recover`: what was owned, from an export of the ledger, after the database was lost; every controller waits for `resume`. */
export const registerRecover: Register = (program, host) => {
  commandOf(
    program,
    'recover',
    'rebuild what is owned after a lost database; controllers wait for `resume`',
    'jenkins-scim recover --ledger ledger.ndjson',
  )
    .requiredOption('--ledger <file>', 'what `ledger export` wrote')
    .option('--unproven', 'take one that the keys of the service do not prove; the ledger says so')
    .action(
      action<{ ledger: string; unproven?: boolean }>(host, (invocation) =>
        session(invocation, async (engine) => {
          const { ledger, unproven = false } = invocation.options;
          const found = await engine.recover(fileLines(ledger), { unproven });
          const doubt = found.unproven;
          const warning =
            doubt === undefined
              ? ''
              : `Not proven: record ${doubt.seq} (line ${doubt.line}) is not what this service wrote: ${doubt.reason}. The ledger says so.\n`;
          const text = `${warning}${found.entries} entry(ies) and ${found.roles} role(s) are owned again. Every controller is on hold.\n${PUSH_FIRST}`;
          return fine(found, text);
        }),
      ),
    );
};
