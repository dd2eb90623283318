import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBusy, isFatal, isOfConnection, storeFailed } from '../../src/store/sqlite/failure.ts';

const sqlite = (errcode: number): Error =>
  Object.assign(new Error('sqlite says'), { code: 'ERR_SQLITE_ERROR', errcode });

test('errors about the file fail the batch, extended codes included', () => {
  const fatal = { FULL: 13, IOERR: 10, IOERR_FSYNC: 1034, NOMEM: 7, IOERR_NOMEM: 3082, CORRUPT: 11, CORRUPT_VTAB: 267 };
  for (const [name, code] of Object.entries(fatal)) assert.ok(isFatal(sqlite(code)), name);
});

test('errors about a statement, and errors that are not of SQLite, do not', () => {
  const harmless = { ERROR: 1, BUSY: 5, CONSTRAINT: 19, CONSTRAINT_UNIQUE: 2067, MISMATCH: 20 };
  for (const [name, code] of Object.entries(harmless)) assert.equal(isFatal(sqlite(code)), false, name);
  for (const other of [new Error('x'), undefined, 'text', { errcode: 13 }]) assert.equal(isFatal(other), false);
});

test('a lock of another connection is worth trying again', () => {
  for (const code of [5, 261, 517, 6]) assert.ok(isBusy(sqlite(code)));
  for (const code of [13, 19, 1]) assert.equal(isBusy(sqlite(code)), false);
  assert.equal(isBusy(new Error('x')), false);
});

test('a failure says what is wrong with the file and keeps the cause', () => {
  const error = storeFailed(sqlite(1034));
  assert.equal(error.code, 'STORE_FAILED');
  assert.equal(error.status, 503);
  assert.match(error.message, /input or output error/);
  assert.equal((error.cause as Error).message, 'sqlite says');
});

test('no room for the memory that connections share is a full disk: for every connection, and named so', () => {
  const noRoom = sqlite(4874);
  assert.ok(isFatal(noRoom));
  assert.equal(isOfConnection(noRoom), false);
  assert.match(storeFailed(noRoom).message, /the disk is full/);
});
