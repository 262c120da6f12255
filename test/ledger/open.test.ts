import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, test } from 'node:test';
import { LedgerError } from '../../src/errors.ts';
import { takeLock } from '../../src/ledger/lock.ts';
import { openLedgerFile } from '../../src/ledger/open.ts';
import { APPLICATION_ID, MIGRATIONS } from '../../src/ledger/schema.ts';
import { walIsSafe } from '../../src/ledger/sqlite.ts';
import type { PlannedRecord } from '../../src/usage/outcome.ts';
import { isFull } from '../helpers/volume.ts';
import { testWorld } from '../helpers/world.ts';
import { sampleRecord } from '../usage/samples.ts';
import { newPath, outcomesOf, plannedRun, uploaded, withLedger } from './setup.ts';

const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8);

/** Opening fails with a LedgerError that says this. */
const refuses = (path: string, said: RegExp): void => {
  assert.throws(
    () => openLedgerFile(path).close(),
    error => error instanceof LedgerError && error.exitCode === 9 && said.test(error.message),
  );
};

for (const umask of [0o000, 0o022, 0o077]) {
  test(`files are 0600 in a folder of 0700 under umask ${umask.toString(8).padStart(3, '0')}`, async () => {
    const before = process.umask(umask);
    try {
      const path = join(dirname(newPath()), 'state', 'ampmeter', 'ledger.db');
      const { release } = await takeLock(path, 0, testWorld());
      withLedger(path, ledger => {
        uploaded(ledger, [sampleRecord()]);
        for (const name of readdirSync(dirname(path))) {
          assert.equal(modeOf(join(dirname(path), name)), '600', name);
        }
      });
      release();
      assert.equal(modeOf(dirname(path)), '700');
    } finally {
      process.umask(before);
    }
  });
}

test('the settings that keep a commit are on, whoever opened the file before', () => {
  const path = newPath();
  openLedgerFile(path).close();
  const other = new DatabaseSync(path);
  other.exec('PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = OFF');
  other.close();
  const db = openLedgerFile(path);
  const pragma = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  const isSafe = walIsSafe(process.versions['sqlite'] ?? '');
  assert.deepEqual([pragma('journal_mode'), pragma('synchronous')], isSafe ? ['wal', 2] : ['delete', 3]);
  assert.deepEqual([pragma('application_id'), pragma('user_version')], [APPLICATION_ID, MIGRATIONS.length]);
  assert.deepEqual([pragma('trusted_schema'), pragma('foreign_keys'), pragma('fullfsync')], [0, 1, 1]);
  db.close();
});

const WAL: readonly (readonly [version: string, isSafe: boolean])[] = [
  ['3.44.6', false],
  ['3.50.4', false],
  ['3.50.7', true],
  ['3.51.2', false],
  ['3.51.3', true],
  ['3.53.0', true],
  ['4.0.0', true],
];

for (const [version, isSafe] of WAL) {
  test(`WAL is ${isSafe ? '' : 'not '}used with SQLite ${version}`, () =>
    assert.equal(walIsSafe(version), isSafe));
}

test('a file without a byte becomes a ledger', () => {
  const path = newPath();
  writeFileSync(path, '', { mode: 0o600 });
  openLedgerFile(path).close();
  openLedgerFile(path).close();
});

describe('what is no ledger is refused and stays as it is', () => {
  const CASES: readonly (readonly [name: string, make: (path: string) => void, said: RegExp])[] = [
    [
      'a text',
      path => writeFileSync(path, 'timestamp,quantity\n'.repeat(100)),
      /is damaged, or is not a ledger/,
    ],
    ['a word', path => writeFileSync(path, 'hello'), /is damaged, or is not a ledger/],
    ['a folder', path => mkdirSync(path), /is not a regular file/],
    ['a device', path => symlinkSync('/dev/null', path), /is not a regular file/],
    [
      'the database of another program',
      path => {
        const db = new DatabaseSync(path);
        db.exec('CREATE TABLE record (id)');
        db.close();
      },
      /is a database of another program/,
    ],
    [
      'another application',
      path => {
        const db = new DatabaseSync(path);
        db.exec('PRAGMA application_id = 7');
        db.close();
      },
      /is a database of another program/,
    ],
    [
      'a ledger of a later version',
      path => {
        openLedgerFile(path).close();
        const db = new DatabaseSync(path);
        db.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
        db.close();
      },
      /was written by a later version of ampmeter/,
    ],
  ];
  for (const [name, make, said] of CASES) {
    test(name, () => {
      const path = newPath();
      make(path);
      const content = lstatSync(path).isFile() ? readFileSync(path) : undefined;
      refuses(path, said);
      if (content !== undefined) assert.deepEqual(readFileSync(path), content);
    });
  }

  test('a link, even to a ledger', () => {
    const path = newPath();
    openLedgerFile(path).close();
    symlinkSync(path, `${path}.link`);
    refuses(`${path}.link`, /is not a regular file/);
    symlinkSync(newPath(), `${path}.dangling`);
    refuses(`${path}.dangling`, /is not a regular file/);
  });

  test('a path below a file', () => {
    const path = newPath();
    writeFileSync(path, '');
    refuses(join(path, 'ledger.db'), /cannot be created there/);
  });
});

test('an ordinary user is told that a folder or a file may not be written', t => {
  if (process.getuid?.() === 0) return t.skip('root may write anywhere');
  const path = newPath();
  openLedgerFile(path).close();
  chmodSync(path, 0o400);
  refuses(path, /cannot be (written|opened)/);
  chmodSync(dirname(path), 0o500);
  refuses(join(dirname(path), 'other.db'), /permission denied/);
  chmodSync(dirname(path), 0o700);
});

describe('a damaged ledger', () => {
  const sound = newPath();
  const records = Array.from({ length: 300 }, (_, index) => sampleRecord({ dimension: `d${index}` }));
  before(() => {
    withLedger(sound, ledger => uploaded(ledger, records));
    const db = new DatabaseSync(sound);
    db.exec('PRAGMA journal_mode = DELETE');
    db.close();
  });

  /** Either refused as damaged, or everything is still there. */
  const isTrustworthy = (path: string): void => {
    try {
      withLedger(path, ledger => {
        const run = plannedRun(ledger, records);
        assert.deepEqual(
          new Set(outcomesOf(run).map(line => line.split(' ')[0])),
          new Set(['already-recorded']),
        );
        run.finish({ now: new Date(0), exitCode: 0, summary: {} });
      });
    } catch (error) {
      assert.ok(error instanceof LedgerError, String(error));
    }
  };

  test('with any byte of its head changed is refused or whole', () => {
    const whole = readFileSync(sound);
    for (let at = 0; at < 100; at += isFull ? 1 : 5) {
      const path = newPath();
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      writeFileSync(path, damaged, { mode: 0o600 });
      isTrustworthy(path);
    }
  });

  test('cut at any page is refused', () => {
    const { size } = lstatSync(sound);
    for (let length = 4096; length < size; length += 4096) {
      const path = newPath();
      copyFileSync(sound, path);
      truncateSync(path, length);
      refuses(path, /is damaged/);
    }
  });
});

test('a full disk is reported in words, and nothing of the write is kept', () => {
  withLedger(newPath(), ledger => {
    const run = plannedRun(ledger, [sampleRecord()]);
    const full = Object.assign(new Error('database or disk is full'), {
      code: 'ERR_SQLITE_ERROR',
      errcode: 13,
    });
    const begun = function* (): Generator<PlannedRecord[]> {
      yield [...run.pending('planned')];
      throw full;
    };
    assert.throws(() => run.save({ begun: begun() as never, at: 1 }), /cannot grow: the disk is full/);
    assert.equal([...run.pending('planned')].length, 1);
  });
});
