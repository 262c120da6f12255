import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { LedgerError, LockedError } from '../../src/errors.ts';
import { healthOf } from '../../src/ledger/health.ts';
import { infoOf } from '../../src/ledger/info.ts';
import { takeLock } from '../../src/ledger/lock.ts';
import { pruneLedger } from '../../src/ledger/maintenance.ts';
import { openLedgerFile } from '../../src/ledger/open.ts';
import { pinBeside } from '../../src/ledger/pins.ts';
import { LedgerReader } from '../../src/ledger/reader.ts';
import { settleUnknown } from '../../src/ledger/settle.ts';
import { newFolder } from '../helpers/tool.ts';
import { NOW, testWorld } from '../helpers/world.ts';
import { sampleRecord } from '../usage/samples.ts';
import { uploaded, withLedger } from './setup.ts';

const newLedger = (): string => {
  const path = join(newFolder(), 'ledger.db');
  withLedger(path, ledger => uploaded(ledger, [sampleRecord()]));
  for (const ending of ['-wal', '-shm']) rmSync(path + ending, { force: true });
  return path;
};

const ledgerErrorOf =
  (text: RegExp, next = /./) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof LedgerError, String(error));
    assert.match(error.message, text);
    assert.match(error.next ?? '', next);
    return true;
  };

/** Everything that writes a ledger. */
const writers = (path: string): readonly (() => unknown)[] => [
  () => openLedgerFile(path).close(),
  () => pruneLedger(path, 0, false),
  () => settleUnknown(path, 'aws', [], 0),
];

const refusesToWrite = async (path: string, text: RegExp, next?: RegExp): Promise<void> => {
  const before = readdirSync(dirname(path)).sort();
  for (const write of writers(path)) assert.throws(write, ledgerErrorOf(text, next));
  await assert.rejects(takeLock(path, 0, testWorld()), ledgerErrorOf(text, next));
  assert.deepEqual(pinBeside(path, { endpoint: 'aws', region: 'r' }, [], true), new Map());
  assert.match(healthOf(path, 'linux').refusal?.message ?? '', text);
  assert.deepEqual(readdirSync(dirname(path)).sort(), before);
};

const isRead = (path: string): void => {
  assert.equal(infoOf(path).records, 1);
  using reader = LedgerReader.open(path, NOW);
  assert.equal(reader.count({}), 1);
};

describe('a ledger under more than one name', () => {
  test('is not written under any of them, and can be read', async () => {
    const path = newLedger();
    const other = join(newFolder(), "it's other.db");
    linkSync(path, other);
    await refusesToWrite(path, /has 2 names \(hard links\)/, /find \/ -xdev -samefile \S+ledger\.db$/);
    await refusesToWrite(other, /has 2 names/, /-samefile '\S+\/it'\\''s other\.db'$/);
    for (const name of [path, other]) isRead(name);
    rmSync(other);
    (await takeLock(path, 0, testWorld())).release();
    openLedgerFile(path).close();
  });

  test('what the remedy names lists them', () => {
    const path = newLedger();
    const other = join(newFolder(), 'other.db');
    linkSync(path, other);
    let next = '';
    try {
      openLedgerFile(path);
    } catch (error) {
      next = (error as LedgerError).next ?? '';
    }
    const command = next
      .slice(next.indexOf('find /'))
      .replace('find / -xdev', `find ${dirname(dirname(path))}`);
    const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
    assert.deepEqual(stdout.trim().split('\n').sort(), [path, other].sort());
  });

  for (const ending of ['.lock', '-wal', '-journal']) {
    test(`of which ${ending} is, is not written`, async () => {
      const path = newLedger();
      if (ending === '.lock') (await takeLock(path, 0, testWorld())).release();
      else writeFileSync(path + ending, '', { mode: 0o600 });
      linkSync(path + ending, join(newFolder(), 'other'));
      await assert.rejects(takeLock(path, 0, testWorld()), ledgerErrorOf(/has 2 names/, /delete the others/));
      assert.match(healthOf(path, 'linux').refusal?.message ?? '', /has 2 names/);
      isRead(path);
    });
  }
});

describe('links', () => {
  test('a link to a ledger is not written, and the file itself is named; it can be read', async () => {
    const path = newLedger();
    const link = join(newFolder(), 'link.db');
    symlinkSync(path, link);
    await refusesToWrite(
      link,
      /not a regular file but a link to \S+ledger\.db$/,
      /^name the file itself: --ledger \S+ledger\.db$/,
    );
    isRead(link);
    assert.deepEqual(readdirSync(dirname(link)), ['link.db']);
  });

  test('a link that leads nowhere is no ledger', () => {
    const folder = newFolder();
    for (const target of ['none', 'link.db']) {
      const link = join(folder, 'link.db');
      symlinkSync(target, link);
      assert.throws(() => infoOf(link), LedgerError);
      for (const write of writers(link)) assert.throws(write, LedgerError);
      rmSync(link);
    }
  });

  test('a ledger has one lock, whatever folder it is reached through', async () => {
    const path = newLedger();
    const folder = join(newFolder(), 'folder');
    symlinkSync(dirname(path), folder);
    const { release } = await takeLock(path, 0, testWorld());
    await assert.rejects(takeLock(join(folder, 'ledger.db'), 0, testWorld()), LockedError);
    release();
    (await takeLock(join(folder, 'ledger.db'), 0, testWorld())).release();
  });
});

describe('what is no file is refused before SQLite opens it', () => {
  const MAKERS: Readonly<Record<string, (path: string) => Promise<unknown> | unknown>> = {
    'a pipe': path => assert.equal(spawnSync('mkfifo', [path]).status, 0),
    'a folder': path => mkdirSync(path),
    'a link to a pipe': path => {
      assert.equal(spawnSync('mkfifo', [`${path}.pipe`]).status, 0);
      symlinkSync(`${path}.pipe`, path);
    },
  };
  for (const [name, make] of Object.entries(MAKERS)) {
    test(`${name} for a ledger`, async () => {
      const path = join(newFolder(), 'ledger.db');
      await make(path);
      assert.throws(() => infoOf(path), ledgerErrorOf(/is not a regular file/));
      assert.throws(() => LedgerReader.open(path, NOW), ledgerErrorOf(/is not a regular file/));
      for (const write of writers(path)) assert.throws(write, ledgerErrorOf(/is not a regular file/));
      await assert.rejects(takeLock(path, 0, testWorld()), ledgerErrorOf(/is not a regular file/));
      assert.deepEqual(pinBeside(path, { endpoint: 'aws', region: 'r' }, [], true), new Map());
      assert.throws(() => healthOf(path, 'linux'), ledgerErrorOf(/is not a regular file/));
    });

    for (const ending of ['-wal', '-shm', '-journal']) {
      test(`${name} for its ${ending}`, async () => {
        const path = newLedger();
        await make(path + ending);
        for (const use of [...writers(path), () => infoOf(path), () => healthOf(path, 'linux')])
          assert.throws(use, ledgerErrorOf(/ledger\.db-\w+ is not a regular file/, /^move it away/));
        await assert.rejects(takeLock(path, 0, testWorld()), ledgerErrorOf(/is not a regular file/));
      });
    }

    for (const ending of ['.lock', '.lock-journal', '.lock-wal']) {
      test(`${name} for its ${ending}`, async () => {
        const path = newLedger();
        await make(path + ending);
        await assert.rejects(takeLock(path, 0, testWorld()), ledgerErrorOf(/is not a regular file/));
        const { isLocked, refusal } = healthOf(path, 'linux');
        assert.deepEqual([isLocked, refusal?.exitCode], [false, 9]);
        isRead(path);
      });
    }
  }

  test('a socket for a ledger', async () => {
    const path = join(newFolder(), 'ledger.db');
    const server = createServer().listen(path);
    await new Promise(resolve => server.once('listening', resolve));
    for (const use of [...writers(path), () => infoOf(path)])
      assert.throws(use, ledgerErrorOf(/is not a regular file/));
    await new Promise(resolve => server.close(resolve));
  });
});
