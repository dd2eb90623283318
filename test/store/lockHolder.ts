import { DatabaseSync } from 'node:sqlite';

// Holds the write lock of a database, as a CLI process would, until its standard input ends.
const [path] = process.argv.slice(2);
const database = new DatabaseSync(path!, { timeout: 5_000 });
database.exec('BEGIN IMMEDIATE');
process.stdout.write('held\n');
process.stdin.resume();
process.stdin.on('end', () => {
  database.exec('COMMIT');
  database.close();
});
