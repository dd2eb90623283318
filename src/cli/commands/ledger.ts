import { readFileSync } from 'node:fs';
import { parseAnchors, parsePublicKey } from '../../ledger/anchors.ts';
import { type ExportVerification, verifyExport } from '../../ledger/verifyExport.ts';
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

  commandOf(
    group,
    'verify',
    'check chain, seals and signed heads',
    'jenkins-scim ledger verify --public-key heads.pem --anchors service.log\njenkins-scim ledger verify --export ledger.ndjson --public-key heads.pem',
  )
    .option('--head <head>', 'SEQ:HASH that was noted elsewhere; it must be in the chain')
    .option('--public-key <file>', 'what `ledger public-key` printed once; heads must be signed by it')
    .option('--anchors <file>', 'signed heads that were kept, such as the log of the service; all must be in the chain')
    .option(
      '--export <file>',
      'what `ledger export` wrote, instead of the ledger; with --public-key without configuration and keys, on any machine',
    )
    .action(
      action<Wanted>(host, (invocation) => {
        const { head: wanted, publicKey, anchors: kept, export: file } = invocation.options;
        if (file !== undefined) return verifiedExport(invocation, file);
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

/** With a public key nothing else is opened, so that an auditor can do it on a machine that has neither configuration nor keys. */
function verifiedExport({ options, ...invocation }: Invocation<Wanted>, file: string): Promise<Outcome> {
  const { head, publicKey, anchors } = options;
  if (head !== undefined)
    throw usage('--head is about the ledger itself; heads that were kept go to --export by --anchors');
  const lines = fileLines(file);
  const kept = anchors === undefined ? undefined : textOf(anchors);
  const told = (found: ExportVerification, names: boolean): Outcome => {
    const also = kept === undefined ? '' : `, ${found.anchors} anchor(s) in it, ${found.newer} newer than its end`;
    const unproven = names
      ? ''
      : ' Names of people, and who wrote a record, are proven by the keys of the service only.';
    const text = `${found.records} record(s), unbroken and up to the end of the export${also}.${unproven}\n`;
    return fine({ valid: true, ...found, names }, text);
  };
  if (publicKey === undefined)
    return session({ options, ...invocation }, async (engine) => told(engine.ledger.verifyExport(lines, kept), true));
  const heads = { publicKey: parsePublicKey(textOf(publicKey)) };
  const found = verifyExport({ heads }, lines, kept === undefined ? undefined : parseAnchors(kept));
  return Promise.resolve(told(found, false));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}
