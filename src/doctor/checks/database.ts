import { check, type Verdict } from '../check.ts';

const CLOCK_MS = 30_000;

type Code =
  | 'database.pooler'
  | 'database.clock'
  | 'database.ledger-rights'
  | 'database.synchronous-commit'
  | 'database.full-page-writes';

/** Is the PostgreSQL server as it should be? What must not be at all is refused when it is opened (STORE_SERVER, STORE_ADDRESS). */
export const database = check<Code>(
  {
    'database.full-page-writes': {
      level: 'error',
      remedy: 'Set full_page_writes = on and take a new base backup.',
    },
    'database.ledger-rights': {
      level: 'warning',
      remedy: 'Run the service as a role that does not own the tables; docs/postgresql.md has the statements.',
    },
    'database.clock': {
      level: 'warning',
      remedy: 'Run NTP on both hosts; leases and expiries go by the clock of the server.',
    },
    'database.pooler': {
      level: 'info',
      remedy:
        'Nothing has to be done. For changes of other replicas to be seen at once, go past the pooler or use session mode.',
    },
    'database.synchronous-commit': {
      level: 'info',
      remedy: 'Nothing has to be done: the transactions of the service turn it on.',
    },
  },
  ({ server }) => {
    if (server === undefined) return [];
    const found: Verdict<Code>[] = [];
    const add = (code: Code, finding: string): void => void found.push({ code, subject: 'database', finding });
    if (!server.fullPageWrites)
      add('database.full-page-writes', 'A crash can leave torn pages behind: full_page_writes is off.');
    if (server.mayRewriteLedger)
      add('database.ledger-rights', 'The role of the service may rewrite or remove records of the ledger.');
    const off = server.time - server.readAt;
    if (Math.abs(off) > CLOCK_MS)
      add(
        'database.clock',
        `Its clock is ${Math.round(Math.abs(off) / 1000)} s ${off > 0 ? 'ahead of' : 'behind'} ours.`,
      );
    if (!server.hints)
      add(
        'database.pooler',
        'A hint that was sent did not come back: a pooler in transaction mode stands before the server.',
      );
    if (['off', 'local'].includes(server.synchronousCommit))
      add('database.synchronous-commit', `synchronous_commit is ${server.synchronousCommit} for others.`);
    return found;
  },
);
