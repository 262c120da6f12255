import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, beforeEach, describe, test } from 'node:test';
import { isFull } from '../helpers/volume.ts';
import { judge, type Verdict } from './checker.ts';
import {
  bytesOf,
  type Cli,
  cliFor,
  idsIn,
  OWN_PROCESS,
  statusesIn,
  summaryOf,
  undisturbed,
} from './cli-run.ts';
import { runTrial } from './driver.ts';
import { figuresLine, findingsText } from './figures.ts';
import { calmTrial } from './plans.ts';
import { borrowReferee, giveBack, type Referee, refereeOf, runTool, straceMissing, until } from './setup.ts';
import { plainFile } from './usage-file.ts';

/** That of the test that runs. */
let referee: Referee;

const mayUnshare = (): string | undefined =>
  spawnSync('unshare', ['-Urm', 'true']).status === 0
    ? undefined
    : "SKIPPED: no file systems of one's own here (unshare -Urm)";

/** Records of the file that the service has. */
const billed = (): number =>
  referee
    .requests()
    .flatMap(({ records }) => records)
    .filter(({ outcome }) => outcome === 'recorded').length;

describe('a disk that is full or broken (T21, T22)', () => {
  test('the plan does not fit: exit code 9 before any request', async t => {
    referee = await refereeOf(t);
    const cli = cliFor(referee.url, plainFile(3000));
    const first = await cli.batch([], { through: limited(64) });
    assert.equal(first.code, 9, first.stderr);
    assert.match(first.stderr, /"code":"Ledger"/);
    assert.equal(referee.requests().length, 0);
    const second = await cli.batch();
    assert.equal(second.code, 0, second.stderr);
    assert.equal(billed(), 3000);
  });

  test('a plan too long for memory does not fit: exit code 9 before any request', async t => {
    referee = await refereeOf(t);
    const cli = cliFor(referee.url, plainFile(60_000));
    const { code, stderr } = await cli.batch([], { through: limited(2000) });
    assert.equal(code, 9, stderr);
    assert.match(stderr, /"code":"Ledger"/);
    assert.equal(referee.requests().length, 0);
  });

  test('it fills up on the way: nothing more is sent, and with room the same command goes on', async t => {
    referee = await refereeOf(t);
    let struck = 0;
    for (let kib = 240; kib <= 560 && struck < (isFull ? 2 : 1); kib += 40) {
      await referee.begin();
      const cli = cliFor(referee.url, plainFile(1000));
      const first = await cli.batch([], { through: limited(kib) });
      assert.ok(first.code === 9 || first.code === 0, `exit ${first.code}\n${first.stderr}`);
      const requests = referee.requests();
      t.diagnostic(`${kib} KiB: exit ${first.code} after ${requests.length} of 40 requests`);
      if (first.code === 9 && requests.length > 0) struck += 1;
      const sent = requests.reduce((sum, { records }) => sum + records.length, 0);
      const { planned = 0 } = cli.statuses();
      assert.ok(planned + sent <= 1000, `${sent} were sent, and ${planned} of 1000 are not noted`);
      const second = await cli.batch();
      assert.equal(second.code, 0, second.stderr);
      assert.equal(billed(), 1000);
      assert.deepEqual(cli.statuses(), { accepted: 1000 });
    }
    assert.ok(struck > 0, 'no limit struck in the middle');
  });

  test('a file system that is full', { skip: mayUnshare() }, async t => {
    referee = await refereeOf(t);
    const cli = cliFor(referee.url, plainFile(3000));
    mkdirSync(join(cli.cwd, 'disk'));
    // The file system lasts as long as this shell: both runs are in it.
    const script =
      'mount -t tmpfs -o size=200k none disk; "$@"; echo "exit $?"; mount -o remount,size=99m disk; "$@"';
    const ended = await cli.batch(['--ledger', 'disk/ledger.db', '-q'], {
      through: ['unshare', '-Urm', 'sh', '-c', script, 'sh'],
    });
    assert.match(ended.stdout, /^exit 9$/m, ended.stderr);
    assert.match(ended.stderr, /the disk is full/);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(billed(), 3000);
  });

  test('each sync and each write may be the first to fail', { skip: straceMissing() }, async t => {
    referee = await refereeOf(t);
    const verdicts: Verdict[] = [];
    const runner = undisturbed();
    for (const [call, error, numbers] of [
      ['fsync', 'EIO', isFull ? [1, 4, 8, 10, 12] : [8]],
      ['pwrite64', 'ENOSPC', isFull ? [1, 20, 30, 40] : [1, 30]],
    ] as const) {
      for (const when of numbers) {
        const kill = { kind: 'call', call, when, paths: [], error } as const;
        verdicts.push(judge(await runTrial(referee, { ...calmTrial(50), kills: [kill] }, runner)));
      }
    }
    t.diagnostic(figuresLine(verdicts));
    assert.equal(findingsText(verdicts), '');
  });
});

/** Files may not grow beyond so many KiB. */
const limited = (kib: number): string[] => ['bash', '-c', `ulimit -f ${kib}; exec "$@"`, 'bash'];

describe('a place that cannot be written (T23)', { skip: mayUnshare() }, () => {
  const readOnly = (folder: string): string[] => [
    'unshare',
    '-Urm',
    'sh',
    '-c',
    `mount --bind ${folder} ${folder} && mount -o remount,ro,bind ${folder} && exec "$@"`,
    'sh',
  ];
  for (const [name, begins] of [
    ['where no ledger is yet', false],
    ['where the ledger is', true],
  ] as const) {
    test(`${name}: exit code 9, nothing sent`, async t => {
      referee = await refereeOf(t);
      const cli = cliFor(referee.url);
      const disk = join(cli.cwd, 'disk');
      mkdirSync(disk);
      const flags = ['--ledger', 'disk/ledger.db', '--no-rejects'];
      if (begins) assert.equal((await cli.batch(flags)).code, 0);
      const sent = referee.requests().length;
      cli.write(plainFile(26));
      const ended = await cli.batch(flags, { through: readOnly(disk) });
      assert.equal(ended.code, 9, ended.stderr);
      assert.match(ended.stderr, /--ledger|permission/);
      assert.equal(referee.requests().length, sent);
    });
  }

  test('no home at all: the flag is asked for', async t => {
    referee = await refereeOf(t);
    const cli = cliFor(referee.url);
    const env = { AWS_ENDPOINT_URL: referee.url, HOME: undefined, XDG_STATE_HOME: undefined };
    const ended = await runTool(['batch', 'usage.csv'], { cwd: cli.cwd, env });
    assert.equal(ended.code, 2, ended.stderr);
    assert.match(ended.stderr, /--ledger/);
    assert.equal(referee.requests().length, 0);
  });
});

describe('a ledger that is not what it was (T24)', () => {
  // The same from first to last: made anew when another hour has begun, it would be other records.
  const usage = plainFile(400);
  let whole: Buffer;
  /** The service that has billed these. */
  let billing: Referee;
  before(async () => {
    billing = await borrowReferee();
    referee = billing;
    const cli = cliFor(referee.url, usage);
    assert.equal((await cli.batch()).code, 0);
    whole = readFileSync(cli.ledger);
  });
  beforeEach(() => {
    referee = billing;
  });
  after(() => giveBack(billing));

  /** Exit code 9 and the file as it was; or a run that still bills nothing twice. */
  const runWith = async (bytes: Uint8Array): Promise<number> => {
    const cli = cliFor(referee.url, usage);
    writeFileSync(cli.ledger, bytes);
    const before = bytesOf(cli.ledger);
    const requests = referee.requests().length;
    const ended = await cli.batch();
    assert.equal(billed(), 400, 'something was billed twice');
    if (ended.code === 9) {
      assert.equal(referee.requests().length, requests, 'a request with a ledger that is not trusted');
      assert.equal(bytesOf(cli.ledger), before, 'the file was changed');
      return 9;
    }
    assert.equal(ended.code, 0, ended.stderr);
    const { accepted = 0, alreadyRecorded = 0 } = summaryOf(ended);
    assert.equal(accepted + alreadyRecorded, 400);
    return 0;
  };

  test('a bit of its head', async t => {
    const codes = new Map<number, number>();
    for (let place = 0; place < 100; place += isFull ? 8 : 16) {
      const bytes = Buffer.from(whole);
      bytes[place] = (bytes[place] ?? 0) ^ 0x41;
      const code = await runWith(bytes);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    t.diagnostic(`exit 9: ${codes.get(9) ?? 0}, harmless: ${codes.get(0) ?? 0}`);
    assert.ok((codes.get(9) ?? 0) >= (isFull ? 4 : 2));
  });

  test('a bit of its pages', async () => {
    for (const place of [4096, 4099, 4101, 8192 + 5, whole.length - 4096, whole.length - 4090]) {
      const bytes = Buffer.from(whole);
      bytes[place] = (bytes[place] ?? 0) ^ 0xff;
      await runWith(bytes);
    }
  });

  test('its end cut off', async () => {
    const pages = whole.length / 4096;
    for (const share of [0.1, 0.5, 0.9])
      assert.equal(await runWith(whole.subarray(0, Math.floor(pages * share) * 4096)), 9, `${share}`);
    assert.equal(await runWith(whole.subarray(0, 50)), 9);
    // SQLite reads a missing byte as zero.
    await runWith(whole.subarray(0, whole.length - 1));
  });

  test('an empty file is a new ledger, and identical records cost nothing', async () => {
    assert.equal(await runWith(new Uint8Array()), 0);
  });

  test('some text', async () => {
    assert.equal(await runWith(Buffer.from('timestamp,quantity\n'.repeat(300))), 9);
  });

  test("another program's database, a later version of ours, and a trigger of somebody's", async () => {
    for (const sql of [
      'PRAGMA application_id = 7',
      'PRAGMA user_version = 99',
      'CREATE TRIGGER stranger AFTER UPDATE ON record BEGIN DELETE FROM record; END',
    ]) {
      const cli = cliFor(referee.url);
      writeFileSync(cli.ledger, whole);
      const db = new DatabaseSync(cli.ledger);
      db.exec(sql);
      db.close();
      assert.equal(await runWith(readFileSync(cli.ledger)), 9, sql);
    }
    const cli = cliFor(referee.url);
    const db = new DatabaseSync(cli.ledger);
    db.exec('CREATE TABLE photo (name TEXT)');
    db.close();
    assert.equal(await runWith(readFileSync(cli.ledger)), 9);
  });

  test('a link, a folder, a pipe', async () => {
    for (const make of [
      (path: string) => symlinkSync('/dev/null', path),
      (path: string) => mkdirSync(path),
      (path: string) => spawnSync('mkfifo', [path]),
    ]) {
      const cli = cliFor(referee.url);
      const requests = referee.requests().length;
      make(cli.ledger);
      const ended = await cli.batch();
      assert.equal(ended.code, 9, ended.stderr);
      assert.equal(referee.requests().length, requests);
    }
  });

  test('it is lost, or from before: the same command ends with the same ids (T32)', async t => {
    referee = await refereeOf(t);
    const cli = cliFor(referee.url, plainFile(100));
    assert.equal((await cli.batch()).code, 0);
    const old = join(cli.cwd, 'old.db');
    copyFileSync(cli.ledger, old);
    cli.write(plainFile(200));
    assert.equal((await cli.batch()).code, 0);
    const ids = idsIn(cli.ledger);
    copyFileSync(old, cli.ledger);
    assert.equal((await cli.batch()).code, 0);
    assert.deepEqual(idsIn(cli.ledger), ids);
    rmSync(cli.ledger);
    assert.equal((await cli.batch()).code, 0);
    assert.deepEqual(idsIn(cli.ledger), ids);
    assert.equal(billed(), 200);
  });
});

describe('several at a time (T25)', () => {
  /** A run that holds the ledger until it is let go. */
  const holder = async (cli: Cli) => {
    await referee.setFaults({ faults: ['slow:1@60000'] });
    let kill = (): void => {};
    const run = cli.batch([], {
      onStart: child => {
        kill = () => child.kill('SIGKILL');
      },
    });
    await until(() => referee.requests().length > 0, 'the first run sends');
    await referee.setFaults({ faults: [] });
    return { run, kill };
  };

  test('the second ends with exit code 8 and sends nothing; a killed one leaves no lock', async t => {
    referee = await refereeOf(t);
    const cli = cliFor(referee.url);
    const first = await holder(cli);
    const second = await cli.batch();
    assert.equal(second.code, 8, second.stderr);
    // Its signal then shows that the first still ran.
    assert.equal(referee.requests().length, 1);
    first.kill();
    assert.equal((await first.run).signal, 'SIGKILL');
    const third = await cli.batch();
    assert.equal(third.code, 0, third.stderr);
    assert.equal(billed(), 25);
  });

  test('--wait waits for the other', async t => {
    referee = await refereeOf(t);
    const cli = cliFor(referee.url);
    const first = await holder(cli);
    const second = cli.batch(['--wait', '60s']);
    setTimeout(first.kill, 500);
    await first.run;
    const { code, stderr } = await second;
    assert.equal(code, 0, stderr);
    assert.equal(billed(), 25);
  });

  test('--wait ends in the end', async t => {
    referee = await refereeOf(t);
    const cli = cliFor(referee.url);
    const first = await holder(cli);
    const second = await cli.batch(['--wait', '700ms']);
    assert.equal(second.code, 8, second.stderr);
    first.kill();
    await first.run;
  });

  const atOnce = isFull ? 6 : 3;
  test(`${atOnce} at once: each record is billed once, and nobody breaks`, async t => {
    referee = await refereeOf(t);
    const cli = cliFor(referee.url, plainFile(200));
    const runs = await Promise.all(
      Array.from({ length: atOnce }, () => cli.batch(['--wait', '60s'], OWN_PROCESS)),
    );
    assert.deepEqual(
      runs.map(({ code }) => code),
      Array(atOnce).fill(0),
      runs.map(({ stderr }) => stderr).join('\n'),
    );
    assert.equal(billed(), 200);
    assert.equal(referee.requests().length, 8);
  });

  test('two ledgers, one file: both end well, with equal ids (P12)', async t => {
    referee = await refereeOf(t);
    const cli = cliFor(referee.url, plainFile(200));
    const other = join(cli.cwd, 'other.db');
    const runs = await Promise.all([cli.batch([], OWN_PROCESS), cli.batch(['--ledger', other], OWN_PROCESS)]);
    assert.deepEqual(
      runs.map(({ code }) => code),
      [0, 0],
      runs.map(({ stderr }) => stderr).join('\n'),
    );
    assert.equal(billed(), 200);
    assert.deepEqual(idsIn(other), idsIn(cli.ledger));
    assert.deepEqual(statusesIn(other), { accepted: 200 });
    assert.ok(!existsSync(`${other}-wal`));
  });
});
