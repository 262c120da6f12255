import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { APPLICATION_ID, MIGRATIONS } from '../../src/ledger/schema.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { newFolder, toolForAll, withEmulator } from '../helpers/tool.ts';
import { isFull } from '../helpers/volume.ts';
import { uploaded, withLedger } from '../ledger/setup.ts';
import { sampleRecord } from '../usage/samples.ts';

/** Somebody whose ledger it is not. */
const OTHER = 65_534;
const asUser = (id: number): string[] => ['setpriv', ...[`--reuid=${id}`, `--regid=${id}`, '--clear-groups']];

const whyNot = (command: string, ...words: readonly string[]): string | undefined =>
  spawnSync(command, words).status === 0
    ? undefined
    : `SKIPPED: not possible here: ${[command, ...words].join(' ')}`;
const noOtherUser = whyNot('setpriv', ...asUser(OTHER).slice(1), process.execPath, '--version');
const noMounts = whyNot('unshare', '-Urm', 'true');

/** Runs a command where this folder is on a disk that cannot be written. */
const readOnly = (folder: string): string[] => [
  ...['unshare', '-Urm', 'sh', '-c'],
  `mount --bind '${folder}' '${folder}' && mount -o remount,ro,bind '${folder}' && exec "$@"`,
  'sh',
];

const HOUR_S = Math.floor(Date.now() / 3_600_000 - 2) * 3600;
const records = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    sampleRecord({ timestamp: HOUR_S, dimension: `d${index}`, quantity: index }),
  );

const path = toolForAll();

/** A ledger with two runs, and everything is in the file itself. */
const closed = join(newFolder(), 'ledger.db');
withLedger(closed, ledger => uploaded(ledger, records(1)));

const other = join(newFolder(), 'ledger.db');
copyFileSync(closed, other);
withLedger(closed, ledger => uploaded(ledger, records(3)));

/** The same, but its second run was killed: it is in the log alone. */
const killed = `${other}.kept`;
withLedger(other, ledger => {
  uploaded(ledger, records(3));
  // As after a power cut: what was committed last is in the log, and in no other place.
  for (const ending of ['', '-wal', '-shm'])
    if (existsSync(other + ending)) copyFileSync(other + ending, killed + ending);
});

/** Whether SQLite has the journal in a log here: see `walIsSafe`. */
const isLogged = existsSync(`${killed}-wal`) && statSync(`${killed}-wal`).size > 0;

/** A ledger in a folder of its own, made of some of these files. */
const placed = (from: string, endings: readonly string[], mode = 0o644, folderMode = 0o755): string => {
  const folder = join(newFolder(), 'state');
  mkdirSync(folder);
  chmodSync(join(folder, '..'), 0o755);
  const ledger = join(folder, 'ledger.db');
  for (const ending of endings) {
    copyFileSync(from + ending, ledger + ending);
    chmodSync(ledger + ending, mode);
  }
  chmodSync(folder, folderMode);
  return ledger;
};

/** Every command that only reads. What each must print of the three records, and the exit code. */
const readers = (): readonly (readonly [args: string[], pattern: RegExp, code?: number])[] => {
  const out = newFolder();
  chmodSync(out, 0o777);
  const trail = join(out, 'trail.json');
  writeFileSync(trail, '{"Records":[]}', { mode: 0o644 });
  return [
    [['history', '-o', 'csv'], /,d2,2,,accepted,/],
    [['history', '--runs', '-o', 'jsonl'], /"run":2/],
    [['history', '--by', 'dimension', '-o', 'csv'], /,d2,1,2,/],
    [['gaps', '-o', 'json'], /"dimension": "d2"|d2/, 4],
    [['report', '--html', join(out, 'report.html')], /./],
    [['ledger', 'info', '-o', 'json'], /"records": 3,/],
    [['ledger', 'verify', '-o', 'json'], /"problems": \[\]/],
    [['ledger', 'backup', join(out, 'copy.db')], /copy\.db/],
    [['ledger', 'prune', '--before', '-90d', '--dry-run', '-o', 'json'], /"dryRun": true/],
    [['reconcile', '--cloudtrail', trail, '--since', '-1d', '-o', 'json'], /d2/, 4],
    [['__complete', 'dimensions', '--', 'ampmeter', 'history'], /^d2\t/m],
    [['doctor', '-o', 'jsonl'], /3 records, 2 runs|"records":3/, 9],
  ];
};

/** A reader of records, one of the whole file, and one that writes a copy. */
const FEW = /^history -o|verify|backup/;

/** They all open a ledger the same way: with its other states, one of them. */
const ONE = isFull ? FEW : /^history -o/;

/** `only`: these commands. */
const readAll = async (ledger: string, through: readonly string[], only = /./): Promise<void> => {
  const folder = join(ledger, '..');
  const before = readdirSync(folder);
  for (const [args, pattern, code = 0] of readers().filter(([words]) => only.test(words.join(' ')))) {
    const ended = await tool(args, { path, through, cwd: '/', env: { AMPMETER_LEDGER: ledger } });
    const what = `${args.join(' ')}: ${ended.stderr}`;
    assert.equal(ended.code, code, what);
    assert.match(ended.stdout + ended.stderr, pattern, what);
  }
  assert.deepEqual(readdirSync(folder), before);
};

/** As a run leaves it that was killed while its pages were being written, where the journal is no log. */
const brokenOff = (ledger: string): string => {
  const before = readFileSync(ledger);
  const db = new DatabaseSync(ledger);
  db.exec(`PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN`);
  const run = db.prepare(`INSERT INTO file (name) VALUES (printf('%5000c', 'x') || ?)`);
  db.exec("DELETE FROM record; UPDATE run SET files = 'lost'");
  for (let number = 0; number < 50; number += 1) run.run(number);
  for (const ending of ['', '-journal']) copyFileSync(ledger + ending, `${ledger}.kept${ending}`);
  db.exec('ROLLBACK');
  db.close();
  for (const ending of ['', '-journal']) {
    renameSync(`${ledger}.kept${ending}`, ledger + ending);
    chmodSync(ledger + ending, 0o644);
  }
  assert.notDeepEqual(readFileSync(ledger), before);
  return ledger;
};

/** The files beside a ledger whose run was killed, with `-shm` or without, as in a backup or a copy. */
const leftBy = (...endings: string[]): readonly string[] => (isLogged ? ['', ...endings] : ['']);

describe('commands that only read', () => {
  for (const [name, from, endings, which] of [
    ['that was closed', closed, [''], ONE],
    ['whose last run is only in the log', killed, leftBy('-wal'), /./],
    ['whose last run is only in the log, with its index', killed, leftBy('-wal', '-shm'), ONE],
  ] as const) {
    test(`read a ledger ${name}, on a disk that cannot be written`, { skip: noMounts }, async () => {
      const ledger = placed(from, endings);
      await readAll(ledger, readOnly(join(ledger, '..')), which);
    });

    test(`read the ledger of another user ${name}, in that user's folder`, {
      skip: noOtherUser,
    }, async () => {
      const ledger = placed(from, endings);
      await readAll(ledger, asUser(OTHER), which);
    });

    test(`leave nothing of theirs beside the ledger of another user ${name}`, {
      skip: noOtherUser,
    }, async () => {
      const ledger = placed(from, endings, 0o644, 0o777);
      await readAll(ledger, asUser(OTHER), ONE);
    });
  }

  test('read a ledger on a disk that is full', { skip: noMounts }, async () => {
    const disk = newFolder();
    const copy = `cp '${closed}' '${disk}/ledger.db' && { cat /dev/zero >'${disk}/rest' 2>/dev/null; exec "$@"; }`;
    const through = [
      'unshare',
      '-Urm',
      'sh',
      '-c',
      `mount -t tmpfs -o size=120k none '${disk}' && ${copy}`,
      'sh',
    ];
    for (const args of [
      ['history', '-o', 'csv'],
      ['ledger', 'backup', join(newFolder(), 'copy.db')],
    ]) {
      const ended = await tool([...args, '--ledger', join(disk, 'ledger.db')], { through });
      assert.equal(ended.code, 0, ended.stderr);
    }
  });

  test('read one that was left in the middle of a change, as it was before', { skip: noMounts }, async () => {
    const ledger = brokenOff(placed(closed, ['']));
    await readAll(ledger, readOnly(join(ledger, '..')), FEW);
    if (noOtherUser === undefined) await readAll(ledger, asUser(OTHER), FEW);
    const { code, stderr } = await tool(['ledger', 'info', '--ledger', ledger], {
      path,
      through: readOnly(join(ledger, '..')),
      env: { TMPDIR: join(ledger, '../none') },
    });
    assert.equal(code, 9);
    assert.match(stderr, /has an unfinished change.*\n.*\n {2}next: .*TMPDIR/);
  });

  test('read what a run goes on writing, through a mount that cannot be written', {
    skip: noMounts,
  }, async () => {
    const ledger = placed(closed, ['']);
    await withLedger(ledger, async open => {
      uploaded(open, records(5));
      const ended = await tool(['history', '-o', 'csv', '--ledger', ledger], {
        through: readOnly(join(ledger, '..')),
      });
      assert.equal(ended.code, 0, ended.stderr);
      assert.match(ended.stdout, /,d4,4,,accepted,/);
    });
  });

  test('do not leave out what is in a log that they may not read', { skip: noOtherUser }, async t => {
    if (!isLogged) return t.skip('no log with this SQLite');
    const ledger = placed(killed, ['', '-wal']);
    chmodSync(`${ledger}-wal`, 0o600);
    const ended = await tool(['history', '--ledger', ledger], { path, through: asUser(OTHER) });
    assert.equal(ended.code, 9);
    assert.match(ended.stderr, /ledger\.db-wal, which belongs to the ledger, cannot be read/);
    chmodSync(ledger, 0o600);
    const refused = await tool(['history', '--ledger', ledger], { path, through: asUser(OTHER) });
    assert.equal(refused.code, 9);
    assert.match(refused.stderr, /permission denied/);
  });

  test('say of an earlier version what brings it up to date, also where it cannot be written', {
    skip: noMounts,
  }, async () => {
    const ledger = ofVersion1(placed(closed, ['']));
    const ended = await tool(['history', '--ledger', ledger], { through: readOnly(join(ledger, '..')) });
    assert.equal(ended.code, 9);
    assert.match(ended.stderr, /was written by an earlier version/);
    const copy = join(newFolder(), 'copy.db');
    copyFileSync(ledger, copy);
    const command = /next: .*: ampmeter (batch --dry-run --ledger) copy\.db/.exec(ended.stderr)?.[1];
    assert.ok(command, ended.stderr);
    await withEmulator((_, env) => tool([...command.split(' '), copy], { env }));
    assert.match((await tool(['history', '-o', 'csv', '--ledger', copy])).stdout, /,d2,2,,accepted,/);
  });
});

test('who writes must own the ledger and its folder all the same', { skip: noOtherUser }, async () => {
  const usage = join(newFolder(), 'usage.csv');
  writeFileSync(usage, 'timestamp,customer_aws_account_id,product_code,dimension,quantity\n');
  chmodSync(join(usage, '..'), 0o755);
  const ledger = placed(closed, [''], 0o666, 0o777);
  const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_REGION: 'us-east-1' };
  for (const args of [
    ['batch', usage, '--allow-empty'],
    ['ledger', 'prune', '--before', '-90d'],
  ]) {
    const ended = await tool([...args, '--ledger', ledger], { path, through: asUser(OTHER), env });
    assert.equal(ended.code, 9, ended.stderr);
    assert.match(ended.stderr, /belongs to another user/);
    assert.deepEqual(readdirSync(join(ledger, '..')), ['ledger.db']);
  }
});

/** The same records in a ledger as version 1 wrote it, at the same path. */
const ofVersion1 = (ledger: string): string => {
  const newer = join(newFolder(), 'newer.db');
  renameSync(ledger, newer);
  const db = new DatabaseSync(ledger);
  db.exec(`${MIGRATIONS[0]}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1`);
  db.prepare('ATTACH ? AS newer').run(newer);
  for (const table of ['destination', 'file', 'run', 'record']) {
    const columns = db.prepare('SELECT name FROM pragma_table_info(?)').all(table);
    const names = columns.map(({ name }) => name).join(', ');
    db.exec(`INSERT INTO main.${table} (${names}) SELECT ${names} FROM newer.${table}`);
  }
  db.close();
  return ledger;
};

describe('a ledger on a file system that is mounted read-only', { skip: noMounts }, () => {
  const BATCH = ['batch', 'usage.csv', '--endpoint-url', 'http://127.0.0.1:9', '--region', 'us-east-1'];
  const ENV = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
  const failed = async (ledger: string, ...args: string[]) => {
    const cwd = newFolder();
    const row = `${new Date(HOUR_S * 1000).toISOString()},111122223333,p,users,1`;
    writeFileSync(
      join(cwd, 'usage.csv'),
      `timestamp,customer_aws_account_id,product_code,dimension,quantity\n${row}\n`,
    );
    const ended = await tool([...args, '--ledger', ledger], {
      path,
      through: readOnly(join(ledger, '..')),
      cwd,
      env: ENV,
    });
    assert.equal(ended.code, 9, ended.stderr);
    return ended.stdout + ended.stderr;
  };

  for (const [what, from, endings] of [
    ['that is new', () => closed, []],
    ['that was used before', () => closed, ['']],
    ['whose last run is only in the log', () => killed, ['', '-wal', '-shm']],
  ] as const) {
    test(`${what} is not said to lack a permission`, async () => {
      for (const hasLock of [false, true]) {
        const ledger = placed(from(), what === 'that is new' ? [] : leftBy(...endings.slice(1)));
        if (hasLock) writeFileSync(`${ledger}.lock`, '', { mode: 0o600 });
        assert.match(
          await failed(ledger, ...BATCH),
          /error: the ledger \S+ is on a file system that is mounted read-only\n/,
        );
      }
    });
  }

  test('is said by doctor to be there', async () => {
    for (const endings of [[], ['']]) {
      const said = await failed(placed(closed, endings), 'doctor', ...BATCH.slice(2));
      assert.match(
        said.replaceAll(/\s+/g, ' '),
        /cannot be used: \S+ is on a file system that is mounted read-only/,
      );
    }
  });
});
