import { readFileSync } from 'node:fs';
import { unreadable, usage } from '../failure.ts';
import { fileLines } from '../fileLines.ts';
import { action, commandOf, type Invocation, type Register } from '../invocation.ts';
import { fine, type Outcome } from '../outcome.ts';
import { printable } from '../printable.ts';
import { session } from '../session.ts';

interface Wanted {
  readonly head?: string;
  readonly publicKey?: string;
  readonly anchors?: string;
  readonly export?: string;
}

/** `ledger verify|public-key|export|erase`. */
export const registerLedger: Register = (program, host) => {
  const group = commandOf(program, 'ledger', 'the tamper-evident record', 'jenkins-scim ledger verify');

  commandOf(group, 'verify', 'check chain, seals and signed heads', 'jenkins-scim ledger verify --head 4be1…')
    .option('--head <head>', 'a head that was kept elsewhere; it must be in the chain')
    .option('--public-key <file>', 'what `ledger public-key` printed once; heads must be signed by it')
    .option('--anchors <file>', 'signed heads that were kept, such as the log of the service; all must be in the chain')
    .option('--export <file>', 'what `ledger export` wrote, instead of the ledger: no record is changed or missing')
    .action(
      action<Wanted>(host, (invocation) => {
        const { head: wanted, publicKey, anchors: kept, export: file } = invocation.options;
        if (file !== undefined) return verifiedExport(invocation, file, wanted ?? publicKey ?? kept);
        const outside = {
          ...(publicKey === undefined ? {} : { publicKey: textOf(publicKey) }),
          ...(kept === undefined ? {} : { anchors: textOf(kept) }),
        };
        return session(invocation, async (engine) => {
          const { records, head, anchors, unsealed } = await engine.ledger.verify(wanted, outside);
          const more = unsealed === 0 ? '' : `, ${unsealed} more wait for a running service to seal them`;
          const also = kept === undefined ? '' : `, ${anchors} anchor(s) in it`;
          const text = `${records} record(s), unbroken${also}${more}. Head ${head}\n`;
          return fine({ valid: true, records, head, anchors, unsealed }, text);
        });
      }),
    );

  commandOf(
    group,
    'public-key',
    'the key that signed heads are verified with, PEM; keep it elsewhere',
    'jenkins-scim ledger public-key > heads.pem',
  ).action(
    action(host, (invocation) =>
      session(invocation, async (engine) => {
        const publicKey = engine.ledger.publicKey();
        return fine({ publicKey }, publicKey);
      }),
    ),
  );

  commandOf(
    group,
    'erase',
    'forget the personal values of somebody for good; the chain stays whole',
    'jenkins-scim ledger erase ana@corp.test --yes',
  )
    .argument('<user>', 'SCIM id, userName, externalId or e-mail')
    .option('--yes', 'it cannot be taken back')
    .action(
      action<{ yes?: boolean }, [string]>(host, (invocation, user) => {
        if (invocation.options.yes !== true) throw usage('ledger erase cannot be taken back; say --yes');
        return session(invocation, async (engine) => {
          const erased = await engine.ledger.erase(user);
          return fine(erased, `${erased.records} record(s) of ${erased.user} tell no personal values any more.\n`);
        });
      }),
    );

  commandOf(
    group,
    'export',
    'every record, one JSON object a line; the last line is the signed end',
    'jenkins-scim ledger export > ledger.ndjson',
  ).action(
    action(host, (invocation) =>
      session(invocation, async (engine) => {
        const { terminal } = host;
        if (invocation.json) {
          const records: unknown[] = [];
          const end = await engine.ledger.export((line) => records.push(JSON.parse(line)));
          return fine({ records, end: end ?? null }, '');
        }
        const end = await engine.ledger.export((line) => terminal.out(`${printable(line)}\n`));
        if (end !== undefined) terminal.out(`${JSON.stringify(end)}\n`);
        return fine(undefined, '');
      }),
    ),
  );
};

/** By the keys alone: what else may be kept elsewhere is about the ledger itself. */
function verifiedExport(invocation: Invocation<unknown>, file: string, other: string | undefined): Promise<Outcome> {
  if (other !== undefined) throw usage('--export is held against the keys alone; leave the other options out');
  const lines = fileLines(file);
  return session(invocation, async (engine) => {
    const records = engine.ledger.verifyExport(lines);
    return fine({ valid: true, records }, `${records} record(s), unbroken and up to the end of the export.\n`);
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}
