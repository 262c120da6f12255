import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LedgerError } from '../../src/errors.ts';
import { healthOf } from '../../src/ledger/health.ts';
import { takeLock } from '../../src/ledger/lock.ts';
import { openLedgerFile } from '../../src/ledger/open.ts';
import { newFolder } from '../helpers/tool.ts';
import { testWorld } from '../helpers/world.ts';

const newLedger = (): string => {
  const folder = join(newFolder(), 'state');
  mkdirSync(folder, { mode: 0o700 });
  const path = join(folder, 'ledger.db');
  openLedgerFile(path).close();
  return path;
};

test('a new ledger has no problems', () => {
  const path = newLedger();
  const { info, damage, isChecked, isLocked, isOpenToOthers, unwritable, freeBytes } = healthOf(
    path,
    'linux',
  );
  assert.equal(info?.records, 0);
  assert.deepEqual(
    { damage, isChecked, isLocked, isOpenToOthers, unwritable },
    { damage: undefined, isChecked: true, isLocked: false, isOpenToOthers: false, unwritable: undefined },
  );
  assert.ok(freeBytes !== undefined && freeBytes > 0);
});

test('a ledger that does not exist is not created', () => {
  const folder = newFolder();
  const path = join(folder, 'a', 'b', 'ledger.db');
  const { info, isLocked, unwritable } = healthOf(path, 'linux');
  assert.deepEqual([info, isLocked, unwritable], [undefined, false, undefined]);
  assert.deepEqual(readdirSync(folder), []);
});

test('a run that uses the ledger is detected, and not disturbed', async () => {
  const path = newLedger();
  const world = testWorld();
  const lock = await takeLock(path, 0, world);
  assert.equal(healthOf(path, 'linux').isLocked, true);
  await assert.rejects(takeLock(path, 0, world), 'the lock is still held');
  lock.release();
  assert.equal(healthOf(path, 'linux').isLocked, false);
  (await takeLock(path, 0, world)).release();
});

test('access of other users to the file or its folder is detected', () => {
  for (const [file, folder, isOpen] of [
    [0o600, 0o700, false],
    [0o640, 0o700, true],
    [0o604, 0o700, true],
    [0o600, 0o755, false],
    [0o600, 0o770, true],
    [0o600, 0o1777, false],
  ] as const) {
    const path = newLedger();
    chmodSync(path, file);
    chmodSync(join(path, '..'), folder);
    const text = `${file.toString(8)} in ${folder.toString(8)}`;
    assert.equal(healthOf(path, 'linux').isOpenToOthers, isOpen, text);
    assert.equal(healthOf(path, 'win32').isOpenToOthers, false);
  }
});

test('damage is found', () => {
  const path = newLedger();
  const file = openSync(path, 'r+');
  // Behind the first page, which says what the file is.
  const { size } = statSync(path);
  writeSync(file, Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096);
  closeSync(file);
  let said: string | undefined;
  try {
    said = healthOf(path, 'linux').damage;
  } catch (error) {
    assert.ok(error instanceof LedgerError);
    said = error.message;
  }
  assert.ok(said !== undefined);
});

test('a file that is not a ledger is an error', () => {
  const path = join(newFolder(), 'ledger.db');
  writeFileSync(path, 'a text');
  assert.throws(() => healthOf(path, 'linux'), LedgerError);
  assert.equal(existsSync(`${path}.lock`), false);
});

test('storage in memory is reported', { skip: !existsSync('/dev/shm') && 'no /dev/shm here' }, () => {
  assert.equal(healthOf('/dev/shm/ampmeter-none/ledger.db', 'linux').place, 'memory');
  assert.equal(healthOf('/dev/shm/ampmeter-none/ledger.db', 'darwin').place, undefined);
});
