import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { LedgerError } from '../../src/errors.ts';
import { verifyLedger } from '../../src/ledger/maintenance.ts';
import { migrate } from '../../src/ledger/migrate.ts';
import { openLedgerFile, prepareFile } from '../../src/ledger/open.ts';
import { LedgerReader } from '../../src/ledger/reader.ts';
import type { RecordState } from '../../src/ledger/record-row.ts';
import { APPLICATION_ID, MIGRATIONS } from '../../src/ledger/schema.ts';
import { openDatabase } from '../../src/ledger/sqlite.ts';
import { isFull } from '../helpers/volume.ts';
import { NOW } from '../helpers/world.ts';
import { TEN } from '../usage/samples.ts';
import { FACTS, newPath, withLedger } from './setup.ts';

type Old = {
  readonly endpoint?: string;
  readonly region?: string;
  readonly dimension?: string;
  readonly quantity?: number;
  readonly status?: RecordState;
  /** The run that read it and planned it last. */
  readonly run?: number;
};

const AWS = 'https://metering.marketplace.us-east-1.amazonaws.com/';

/** A ledger as version 1 wrote it, all of whose runs ended well by what it knew. */
const versionOne = (records: readonly Old[], path = newPath()): string => {
  prepareFile(path);
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1`);
  db.exec(`BEGIN; ${MIGRATIONS[0]}; INSERT INTO file (id, name) VALUES (1, 'old.csv')`);
  const place = db.prepare('INSERT OR IGNORE INTO destination (endpoint, region) VALUES (?, ?)');
  const run = db.prepare(
    `INSERT OR IGNORE INTO run (id, destination, started, ended, version, files, exit_code, summary, unsettled)
     VALUES (?, (SELECT id FROM destination WHERE endpoint = ? AND region = ?), '2026-11-22T10:00:00.000Z',
       '2026-11-22T10:01:00.000Z', '1.0.0', '["old.csv"]', 5, '{}', 0)`,
  );
  const record = db.prepare(
    `INSERT INTO record SELECT id, ${TEN}, '123456789012', ?, 'account', '4ml54db8vrmjuykaw1psroool', NULL, ?, NULL, ?,
       ?, ?, 1, 2, iif(? = 'accepted', 'old-id', NULL), NULL, ${NOW.getTime()}
     FROM destination WHERE endpoint = ? AND region = ?`,
  );
  for (const old of records) {
    const {
      endpoint = 'aws',
      region = 'us-east-1',
      dimension = 'd',
      quantity = 42,
      status = 'accepted',
    } = old;
    const { run: number = 1 } = old;
    place.run(endpoint, region);
    run.run(number, endpoint, region);
    record.run(dimension, quantity, status, number, number, status, endpoint, region);
  }
  db.exec('COMMIT');
  db.close();
  return path;
};

const MANY: readonly Old[] = Array.from({ length: 200 }, (_, index) => ({
  dimension: `d${index}`,
  quantity: index,
  endpoint: index % 2 === 0 ? 'aws' : AWS,
  run: (index % 2) + 1,
}));

const all = (path: string, sql: string): Record<string, unknown>[] => {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db
      .prepare(sql)
      .all()
      .map(row => ({ ...row }));
  } finally {
    db.close();
  }
};

const versionOf = (path: string): unknown => all(path, 'PRAGMA user_version')[0]?.['user_version'];

/** What both versions tell of the records, wherever they went. */
const contentOf = (path: string): Record<string, unknown>[] =>
  all(
    path,
    'SELECT dimension, quantity, status, run, seen, metering_record_id, settled FROM record ORDER BY 1',
  );

const filesBeside = (path: string): string[] =>
  readdirSync(dirname(path))
    .filter(name => !/-(wal|shm)$/.test(name))
    .sort();

describe('a ledger of version 1', () => {
  test('is copied beside itself, whole and for its owner alone, and then brought up to date', () => {
    const umask = process.umask(0);
    try {
      const path = versionOne(MANY);
      const before = contentOf(path);
      openLedgerFile(path).close();
      const name = basename(path);
      assert.deepEqual(filesBeside(path), [name, `${name}.v1`]);
      assert.equal((lstatSync(`${path}.v1`).mode & 0o777).toString(8), '600');
      assert.deepEqual([versionOf(path), versionOf(`${path}.v1`)], [MIGRATIONS.length, 1]);
      assert.deepEqual(contentOf(`${path}.v1`), before);
      assert.deepEqual(all(`${path}.v1`, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
      assert.equal(all(`${path}.v1`, 'SELECT * FROM destination').length, 2);
      assert.deepEqual(contentOf(path), before);
      assert.deepEqual(verifyLedger(path), []);
    } finally {
      process.umask(umask);
    }
  });

  test('is copied once: what is up to date has nothing to be copied', () => {
    const path = versionOne(MANY);
    openLedgerFile(path).close();
    rmSync(`${path}.v1`);
    openLedgerFile(path).close();
    assert.deepEqual(filesBeside(path), [basename(path)]);
  });

  test('can be opened again after its copy has taken its place', () => {
    const path = versionOne(MANY);
    openLedgerFile(path).close();
    const copy = `${path}.v1`;
    openLedgerFile(copy).close();
    assert.deepEqual(contentOf(copy), contentOf(path));
    assert.equal(versionOf(copy), MIGRATIONS.length);
  });

  test('is only read by a reader, which says what to do', () => {
    const path = versionOne(MANY);
    const bytes = readFileSync(path);
    assert.throws(
      () => LedgerReader.open(path, NOW),
      error =>
        error instanceof LedgerError &&
        /written by an earlier version of ampmeter/.test(error.message) &&
        /ampmeter batch upgrades it/.test(error.next ?? ''),
    );
    assert.deepEqual(readFileSync(path), bytes);
    assert.deepEqual(filesBeside(path), [basename(path)]);
  });

  test('stays as it is when the copy cannot be written', () => {
    const path = versionOne(MANY);
    const before = contentOf(path);
    symlinkSync('nowhere', `${path}.v1`);
    assert.throws(() => openLedgerFile(path));
    assert.deepEqual([versionOf(path), contentOf(path), existsSync(`${path}.v1`)], [1, before, false]);
    rmSync(`${path}.v1`);
    openLedgerFile(path).close();
    assert.equal(versionOf(path), MIGRATIONS.length);
  });

  test('stays as it is when the disk is full, wherever in the middle', () => {
    const path = versionOne(MANY);
    const before = contentOf(path);
    let failures = 0;
    for (let pages = 1; ; pages += 1) {
      const db = openDatabase(path);
      const count = Number(Object.values(db.prepare('PRAGMA page_count').get() ?? {})[0]);
      db.exec(`PRAGMA max_page_count = ${count + pages - 1}`);
      try {
        migrate(db, path);
        break;
      } catch (error) {
        assert.match(String(error), /full/);
        failures += 1;
      } finally {
        db.close();
      }
      assert.deepEqual([versionOf(path), contentOf(path)], [1, before]);
      assert.deepEqual(verifyIntegrity(path), 'ok');
      assert.ok(pages < 500);
    }
    assert.ok(failures > 0);
    assert.deepEqual([versionOf(path), contentOf(path)], [MIGRATIONS.length, before]);
    assert.equal(versionOf(`${path}.v1`), 1);
  });

  test('is the old one or the new one after a kill, at whatever statement', () => {
    const opening = new URL('../../src/ledger/open.ts', import.meta.url).href;
    const script = `
      import { DatabaseSync } from 'node:sqlite';
      const { exec, prepare } = DatabaseSync.prototype;
      let left = Number(process.env.KILL_AT);
      const counted = work => function (...args) {
        if (left-- === 0) process.kill(process.pid, 'SIGKILL');
        return work.apply(this, args);
      };
      const { openLedgerFile } = await import(${JSON.stringify(opening)});
      DatabaseSync.prototype.exec = counted(exec);
      DatabaseSync.prototype.prepare = counted(prepare);
      openLedgerFile(process.env.LEDGER).close();`;
    let kills = 0;
    for (let at = 8; ; at += isFull ? 2 : 4) {
      const path = versionOne(MANY);
      const before = contentOf(path);
      const { status, signal, stderr } = spawnSync(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
        { env: { ...process.env, KILL_AT: String(at), LEDGER: path }, encoding: 'utf8' },
      );
      assert.ok(status === 0 || signal === 'SIGKILL', stderr);
      if (existsSync(`${path}.v1`)) {
        assert.deepEqual([versionOf(`${path}.v1`), contentOf(`${path}.v1`)], [1, before]);
        assert.equal(verifyIntegrity(`${path}.v1`), 'ok');
      } else assert.equal(versionOf(path), 1, 'changed before there was a copy');
      assert.deepEqual(contentOf(path), before);
      openLedgerFile(path).close();
      assert.deepEqual([versionOf(path), contentOf(path)], [MIGRATIONS.length, before]);
      assert.deepEqual(filesBeside(path), [basename(path), `${basename(path)}.v1`]);
      if (status === 0) break;
      kills += 1;
    }
    assert.ok(kills > 5, `${kills} kills`);
  });
});

const verifyIntegrity = (path: string): unknown =>
  all(path, 'PRAGMA integrity_check')[0]?.['integrity_check'];

test('a new ledger, and one that is gone with the process, have no copy', () => {
  const path = newPath();
  openLedgerFile(path).close();
  assert.deepEqual(filesBeside(path), [basename(path)]);
  assert.equal(versionOf(path), MIGRATIONS.length);
});

describe('what version 1 left open', () => {
  test('is found and sent, although its runs had ended well', () => {
    const path = versionOne([
      { dimension: 'planned', status: 'planned', quantity: 1 },
      { dimension: 'sent', status: 'sent', quantity: 2 },
      { dimension: 'unknown', status: 'unknown', quantity: 3 },
      { dimension: 'accepted', status: 'accepted', quantity: 4 },
      { dimension: 'refused', status: 'refused', quantity: 5 },
      { dimension: 'elsewhere', status: 'planned', quantity: 6, region: 'eu-west-1', run: 2 },
    ]);
    withLedger(path, ledger => {
      const run = ledger.startRun(FACTS);
      run.draft.findConflicts();
      run.commit();
      assert.equal(run.results.carried(), 3);
      assert.deepEqual(
        (['unknown', 'planned'] as const).flatMap(state =>
          [...run.pending(state)].map(({ record, rows }) => [state, record.quantity, rows[0]?.run]),
        ),
        [
          ['unknown', 2, 1],
          ['unknown', 3, 1],
          ['planned', 1, 1],
        ],
      );
    });
  });

  test('under another name of AWS as well', () => {
    const path = versionOne([{ endpoint: AWS, region: 'eu-west-1', status: 'planned' }]);
    withLedger(path, ledger => {
      const run = ledger.startRun(FACTS);
      run.draft.findConflicts();
      assert.equal(run.results.carried(), 1);
    });
  });
});

describe('what went to AWS by another name', () => {
  const placesOf = (path: string): string[] =>
    all(
      path,
      `SELECT endpoint, region, dimension FROM record JOIN destination ON destination.id = destination ORDER BY 1, 2, 3`,
    ).map(row => Object.values(row).join(' '));

  test('is where it went by its first name, with the Region of the host, and its runs with it', () => {
    const path = versionOne([
      { dimension: 'a' },
      { dimension: 'b', endpoint: AWS, run: 2 },
      { dimension: 'c', endpoint: AWS.slice(0, -1), region: 'eu-west-1', run: 3 },
      { dimension: 'd', endpoint: 'https://metering-marketplace.eu-central-1.api.aws/', run: 4 },
      {
        dimension: 'e',
        endpoint: 'https://vpce-0a1b-2c3d.metering-marketplace.eu-west-1.vpce.amazonaws.com',
        run: 5,
      },
      { dimension: 'f', endpoint: 'http://127.0.0.1:4010', run: 6 },
      {
        dimension: 'g',
        endpoint: 'https://metering.marketplace.us-east-1.amazonaws.com.evil.example/',
        run: 7,
      },
    ]);
    openLedgerFile(path).close();
    assert.deepEqual(placesOf(path), [
      'aws eu-central-1 d',
      'aws eu-west-1 e',
      'aws us-east-1 a',
      'aws us-east-1 b',
      'aws us-east-1 c',
      'http://127.0.0.1:4010/ us-east-1 f',
      'https://metering.marketplace.us-east-1.amazonaws.com.evil.example/ us-east-1 g',
    ]);
    assert.equal(all(path, 'SELECT * FROM destination').length, 5);
    assert.deepEqual(
      all(
        path,
        'SELECT run.id FROM run JOIN record ON record.run = run.id WHERE run.destination <> record.destination',
      ),
      [],
    );
    assert.deepEqual(verifyLedger(path), []);
  });

  /** The states of one key under `aws` and under a host's name, which counts, and which quantity stays at the host. */
  const COLLISIONS: readonly (readonly [
    aws: readonly [RecordState, run: number],
    host: readonly [RecordState, run: number],
    counts: 'aws' | 'host',
    stays?: 'stays',
  ])[] = [
    [['accepted', 1], ['accepted', 2], 'aws'],
    [['accepted', 1], ['unknown', 2], 'aws'],
    [['accepted', 1], ['planned', 2], 'aws'],
    [['unknown', 2], ['accepted', 1], 'host'],
    [['duplicate', 2], ['accepted', 1], 'host'],
    [['planned', 2], ['accepted', 1], 'host'],
    [['unknown', 1], ['planned', 2], 'aws'],
    [['planned', 2], ['sent', 1], 'host'],
    [['refused', 2], ['duplicate', 1], 'host'],
    [['unknown', 1], ['sent', 2], 'aws', 'stays'],
    [['planned', 1], ['planned', 2], 'host'],
    [['planned', 2], ['planned', 1], 'aws'],
    [['not-subscribed', 1], ['planned', 2], 'host'],
    [['planned', 1], ['not-subscribed', 2], 'host'],
    [['expired', 2], ['planned', 1], 'aws'],
  ];
  for (const [[status, run], [other, later], counts, stays] of COLLISIONS) {
    test(`${status} of run ${run} there and ${other} of run ${later} here: the one of ${counts} counts`, () => {
      const path = versionOne([
        { quantity: 1, status, run },
        { quantity: 2, status: other, run: later, endpoint: AWS },
        { dimension: 'alone', quantity: 3, endpoint: AWS, run: later },
      ]);
      openLedgerFile(path).close();
      const quantities = all(
        path,
        `SELECT endpoint, dimension, quantity FROM record JOIN destination ON destination.id = destination ORDER BY 1, 2`,
      ).map(row => Object.values(row).join(' '));
      assert.deepEqual(quantities, [
        'aws alone 3',
        `aws d ${counts === 'aws' ? 1 : 2}`,
        ...(stays === undefined ? [] : [`${AWS} d 2`]),
      ]);
      assert.equal(all(path, 'SELECT * FROM destination').length, stays === undefined ? 1 : 2);
      assert.deepEqual(verifyLedger(path), []);
    });
  }
});

describe('a ledger of version 2', () => {
  const fixture = new URL('../fixtures/ledger/version-2.db', import.meta.url);

  test('keeps its records, none of which carries, and what it left open is sent', () => {
    const path = newPath();
    prepareFile(path);
    writeFileSync(path, readFileSync(fixture));
    const before = contentOf(path);
    assert.equal(versionOf(path), 2);
    withLedger(path, ledger => {
      const run = ledger.startRun({ ...FACTS, files: [] });
      run.draft.findConflicts(false);
      const open = (state: 'planned' | 'unknown') => [...run.pending(state)].map(({ record }) => record);
      assert.deepEqual(
        [open('planned'), open('unknown')].map(records =>
          records.map(({ quantity, dimension }) => [dimension, quantity]),
        ),
        [[['planned', 4]], [['sent', 5]]],
      );
      run.abandon();
    });
    assert.deepEqual([versionOf(path), versionOf(`${path}.v2`)], [MIGRATIONS.length, 2]);
    assert.deepEqual(contentOf(path), before);
    assert.deepEqual(contentOf(`${path}.v2`), before);
    assert.deepEqual(all(path, 'SELECT DISTINCT used, parts, carried_in FROM record'), [
      { used: null, parts: null, carried_in: null },
    ]);
    assert.deepEqual(verifyLedger(path), []);
  });
});
