import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { databaseUrl } from '../../config/scheme.ts';
import { usage } from '../failure.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { stderrLog } from '../logging.ts';
import { fine } from '../outcome.ts';
import { progress } from '../progress.ts';
import { byOperator, configuration, session } from '../session.ts';

/** `db status|migrate|backup|restore|copy`. */
export const registerDb: Register = (program, host) => {
  const group = commandOf(program, 'db', 'look after the database', 'jenkins-scim db status');

  commandOf(group, 'status', 'schema and sizes', 'jenkins-scim db status').action(
    action(host, (invocation) =>
      session(invocation, async (engine) => {
        const status = await engine.database.status();
        const { schema, users, groups, members, bytes } = status;
        return fine(
          status,
          `Schema ${schema}; ${users} users, ${groups} groups, ${members} memberships; ${bytes} bytes.\n`,
        );
      }),
    ),
  );

  commandOf(group, 'migrate', 'bring the schema up to date', 'jenkins-scim db migrate').action(
    action(host, async (invocation) => {
      const engine = await host.modules.engine(configuration(invocation), stderrLog(host.environment, 'warn'), {
        ...byOperator(invocation),
        migrate: true,
      });
      try {
        const { schema } = await engine.database.status();
        return fine({ schema }, `The schema is at ${schema}.\n`);
      } finally {
        await engine.close();
      }
    }),
  );

  commandOf(group, 'backup', 'a consistent copy, while the service runs', 'jenkins-scim db backup backup.db')
    .argument('<file>')
    .action(
      action<object, [string]>(host, (invocation, file) =>
        session(invocation, async (engine) => {
          if (existsSync(file)) throw usage(`${file} exists: name a file that is not there yet`);
          const made = await engine.database.backup(resolve(file));
          const silent =
            made.unrecorded === undefined ? '' : `The ledger does not say that there is a copy: ${made.unrecorded}\n`;
          const text = `Wrote ${file} (SHA-256 ${made.digest}). Back the key folder up too, elsewhere.\n${silent}`;
          return fine(made, text);
        }),
      ),
    );

  commandOf(
    group,
    'restore',
    'put a backup in place; every controller waits for `resume`',
    'jenkins-scim db restore backup.db',
  )
    .argument('<file>')
    .action(
      action<object, [string]>(host, async (invocation, file) => {
        if (!existsSync(file)) throw usage(`${file} does not exist`);
        const config = configuration(invocation);
        if (same(config.database, `sqlite:${resolve(file)}`))
          throw usage(`${file} is the database itself: name a backup`);
        const { ended, declared, lifted, paused } = await host.modules.restore(
          config,
          resolve(file),
          byOperator(invocation),
        );
        const text =
          'Restored. An old directory may bring leavers back, so every controller is on hold.\nStart the service, have the identity provider push everybody again, read `jenkins-scim plan`, then `jenkins-scim resume all`.\n';
        const words = { declared: declared ?? null, lifted: lifted ?? null };
        const taken = { ended: ended ?? null, ...words, paused: paused ?? null };
        const json = { restored: resolve(file), held: true, ...taken };
        return fine(json, `${text}${credentials(ended)}${leavers(declared)}${returns(lifted)}${pauses(paused)}`);
      }),
    );

  commandOf(
    group,
    'copy',
    'everything to a new database, compared row by row; stop the service first',
    'jenkins-scim db copy NEW_DATABASE_URL',
  )
    .argument('<target>', 'sqlite:./path, or the name of a variable that holds a postgres:// URL')
    .action(
      action<object, [string]>(host, async (invocation, target) => {
        const url = targetOf(target, host.environment);
        const from = configuration(invocation);
        if (same(from.database, url)) throw usage('the target is the database that is to be copied: name another one');
        const shown = progress(host.terminal);
        const interruption = new AbortController();
        void host.stopped().then((signal) => interruption.abort(signal));
        const by = { ...byOperator(invocation), interruption: interruption.signal };
        const copying = host.modules.copy(from, url, shown.say, by);
        const { tables, rows, digest } = await copying.finally(() => shown.done());
        return fine(
          { tables, rows, digest },
          `Copied ${rows} rows of ${tables} tables; both sides have the digest ${digest}.\nName the new one under \`database:\`, keep the key folder, and start the service.\n`,
        );
      }),
    );
};

/** What became of tokens and clients by a restore. */
function credentials(ended: number | undefined): string {
  if (ended === undefined)
    return 'The database of before could not be read: what was revoked since the backup is valid again.\nRead `jenkins-scim token list`, and revoke it once more.\n';
  return ended === 0 ? '' : `Credentials that were revoked since the backup stay revoked: ${ended}.\n`;
}

/** What became of those whom `leaver --now` cut. */
function leavers(declared: number | undefined): string {
  if (declared === undefined)
    return 'Whom `jenkins-scim leaver USER --now` cut since the backup would get back what the rules give: say it again before `resume`.\n';
  return declared === 0 ? '' : `People whom \`leaver --now\` cut since the backup stay cut: ${declared}.\n`;
}

/** What became of those whom `leaver --lift` let come back. */
function returns(lifted: number | undefined): string {
  if (lifted === undefined)
    return 'Whom `jenkins-scim leaver USER --lift` let come back since the backup would be cut again: say it again before `resume`.\n';
  return lifted === 0 ? '' : `People whom \`leaver --lift\` let come back since the backup are back: ${lifted}.\n`;
}

/** What became of connections that were paused. */
function pauses(paused: readonly string[] | undefined): string {
  if (paused === undefined)
    return 'A connection that was paused since the backup goes on: pause it again before `resume`.\n';
  return paused.length === 0
    ? ''
    : `Connections that were paused since the backup stay paused: ${paused.join(', ')}. \`resume all\` ends that, too; \`resume controller NAME\` does not.\n`;
}

/** Whether two databases are one: nobody is to be told to empty what they want to keep. */
function same(from: string, to: string): boolean {
  const [one, other] = [from, to].map((url) =>
    url.startsWith('sqlite:')
      ? statSync(url.slice('sqlite:'.length), { bigint: true, throwIfNoEntry: false })
      : undefined,
  );
  return from === to || (one !== undefined && one.ino === other?.ino && one.dev === other.dev);
}

/** Passwords are no arguments: other users of the machine read those. */
function targetOf(target: string, environment: Readonly<Record<string, string | undefined>>): string {
  if (target.startsWith('sqlite:')) {
    const path = resolve(target.slice('sqlite:'.length));
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
      throw usage(`${path} is a folder: name a file in it that is not there yet`);
    return `sqlite:${path}`;
  }
  const url = databaseUrl((/^[A-Za-z_][A-Za-z0-9_]*$/.test(target) ? environment[target] : undefined) ?? '');
  if (url === '')
    throw usage(
      'name the target as sqlite:./path, or by a variable that is set' +
        (/^\w+$/.test(target) ? `; ${target} is not` : ''),
    );
  return url;
}
