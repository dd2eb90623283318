import { action, commandOf, type Register } from '../invocation.ts';
import { fine } from '../outcome.ts';
import { session } from '../session.ts';

/** `ledger verify|export`. */
export const registerLedger: Register = (program, host) => {
  const group = commandOf(program, 'ledger', 'the tamper-evident record', 'jenkins-scim ledger verify');

  commandOf(group, 'verify', 'check chain, seals and signed heads', 'jenkins-scim ledger verify --head 4be1…')
    .option('--head <head>', 'a head that was kept elsewhere; it must be in the chain')
    .action(
      action<{ head?: string }>(host, (invocation) =>
        session(invocation, async (engine) => {
          const { records, head } = await engine.ledger.verify(invocation.options.head);
          return fine({ valid: true, records, head }, `${records} record(s), unbroken. Head ${head}\n`);
        }),
      ),
    );

  commandOf(
    group,
    'export',
    'every record, one JSON object a line',
    'jenkins-scim ledger export > ledger.ndjson',
  ).action(
    action(host, (invocation) =>
      session(invocation, async (engine) => {
        const { terminal } = host;
        if (invocation.json) {
          const records: unknown[] = [];
          await engine.ledger.export((line) => records.push(JSON.parse(line)));
          return fine({ records }, '');
        }
        await engine.ledger.export((line) => terminal.out(`${line}\n`));
        return fine(undefined, '');
      }),
    ),
  );
};
