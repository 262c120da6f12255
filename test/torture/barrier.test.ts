import assert from 'node:assert/strict';
import { copyFileSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { newFolder, type Referee, refereeOf, runTool, straceMissing, toolFolder, until } from './setup.ts';
import { readBarrier, watchedBy } from './trace.ts';
import { plainFile } from './usage-file.ts';

const RECORDS = 110;

const watchedRun = async (referee: Referee, tool: string, concurrency: number) => {
  const cwd = newFolder('barrier');
  writeFileSync(join(cwd, 'usage.csv'), plainFile(RECORDS));
  const trace = join(cwd, 'trace');
  const args = ['batch', 'usage.csv', '--ledger', join(cwd, 'ledger.db'), '--concurrency', `${concurrency}`];
  const env = { AWS_ENDPOINT_URL: referee.url };
  const run = await runTool(args, { cwd, env, tool, through: watchedBy(trace) });
  assert.equal(run.code, 0, run.stderr);
  return readBarrier(readFileSync(trace, 'utf8'), join(cwd, 'ledger.db'), new URL(referee.url));
};

describe('nothing leaves before the ledger is on the disk (T33)', { skip: straceMissing() }, () => {
  for (const concurrency of [1, 8]) {
    test(`with ${concurrency} under way at a time`, async t => {
      const referee = await refereeOf(t, {
        faults: ['reset-after:0.2', 'error503:0.1', 'unprocessed:0.3'],
        seed: 3,
      });
      const { sends, syncs, breaches } = await watchedRun(referee, toolFolder(), concurrency);
      assert.ok(sends >= referee.requests().length, `${sends} sends seen`);
      assert.ok(syncs >= 3, `${syncs} syncs seen`);
      assert.deepEqual(breaches, []);
    });
  }

  for (const [name, level] of [
    ['OFF', 0],
    ['NORMAL', 1],
  ] as const) {
    test(`and the watcher would see it: synchronous = ${name}`, async t => {
      const referee = await refereeOf(t);
      const { breaches } = await watchedRun(referee, weakened(name, level), 1);
      assert.ok(breaches.length > 0);
    });
  }
});

/** A copy of the tool that trusts the disk too much. */
const weakened = (name: string, level: number): string => {
  const tool = newFolder('weakened');
  cpSync(toolFolder(), tool, { recursive: true, verbatimSymlinks: true });
  const strong = '["wal","FULL",2]';
  // Each command has a copy of its own.
  const files = globSync('dist/commands/*.cjs', { cwd: tool })
    .map(found => join(tool, found))
    .filter(found => readFileSync(found, 'utf8').includes(strong));
  assert.ok(files.some(file => file.endsWith('batch.cjs')));
  for (const file of files)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(strong, `["wal","${name}",${level}]`));
  return tool;
};

describe('the reader of traces', () => {
  const LEDGER = '/x/ledger.db';
  const read = (...lines: string[]) =>
    readBarrier(lines.join('\n'), LEDGER, new URL('http://127.0.0.1:4100/'));
  const write = '7 pwrite64(21</x/ledger.db-wal>, ""..., 24, 0) = 24';
  const send = '7 writev(23<TCP:[127.0.0.1:5000->127.0.0.1:4100]>, [{...}], 2) = 900';

  const clean: readonly (readonly [string, ...string[]])[] = [
    ['a sync in between', write, '7 fdatasync(21</x/ledger.db-wal>) = 0', send],
    [
      'a sync that another thread interrupts',
      write,
      '7 fsync(21</x/ledger.db-wal> <unfinished ...>',
      '8 write(9<pipe:[1]>, ""..., 1) = 1',
      '7 <... fsync resumed>) = 0',
      send,
    ],
    ['an answer to somebody else', write, send.replace('4100', '4200')],
    ['the lock beside it', write.replace('db-wal', 'db.lock'), send],
  ];
  for (const [name, ...lines] of clean) {
    test(`finds no fault with ${name}`, () => assert.deepEqual(read(...lines).breaches, []));
  }

  const broken: readonly (readonly [string, ...string[]])[] = [
    ['no sync', write, send],
    ['a sync that failed', write, '7 fsync(21</x/ledger.db-wal>) = -1 EIO (Input/output error)', send],
    ['a sync of another file', write, '7 fsync(22</x/ledger.db>) = 0', send],
    [
      'a sync that is not over',
      write,
      '7 fsync(21</x/ledger.db-wal> <unfinished ...>',
      send.replace('7', '8'),
    ],
    [
      'bytes that came after the sync began',
      write,
      '7 fsync(21</x/ledger.db-wal> <unfinished ...>',
      write.replace('7', '8'),
      '7 <... fsync resumed>) = 0',
      send,
    ],
    ['a cut that is not synced', '7 ftruncate(21</x/ledger.db-wal>, 0) = 0', send],
    ['a journal that may come back', '7 unlink("/x/ledger.db-journal") = 0', send],
  ];
  for (const [name, ...lines] of broken) {
    test(`catches ${name}`, () => assert.equal(read(...lines).breaches.length, 1));
  }

  test('takes a journal that is gone for good as settled', () => {
    const journal = write.replaceAll('-wal', '-journal');
    const gone = '7 unlink("/x/ledger.db-journal") = 0';
    assert.deepEqual(read(journal, gone, '7 fsync(3</x>) = 0', send).breaches, []);
  });
});

test('what is under way stands in the ledger as sent', async t => {
  const referee = await refereeOf(t);
  await referee.setFaults({ next: ['slow@5000', 'slow@5000'] });
  const cwd = newFolder('under-way');
  writeFileSync(join(cwd, 'usage.csv'), plainFile(60));
  const args = ['batch', 'usage.csv', '--ledger', 'ledger.db', '--concurrency', '2'];
  const ended = await runTool(args, {
    cwd,
    env: { AWS_ENDPOINT_URL: referee.url },
    onStart: async child => {
      await until(() => referee.requests().length === 2, 'two requests').finally(() => {
        // Nobody writes while both answers are waited for.
        mkdirSync(join(cwd, 'copy'));
        for (const name of ['ledger.db', 'ledger.db-wal', 'ledger.db-journal'])
          if (existsSync(join(cwd, name))) copyFileSync(join(cwd, name), join(cwd, 'copy', name));
        child.kill('SIGKILL');
      });
    },
  });
  assert.equal(ended.signal, 'SIGKILL', ended.stderr);
  const sent = referee
    .requests()
    .flatMap(({ records }) => records.map(record => record.CustomerAWSAccountId));
  const db = new DatabaseSync(join(cwd, 'copy', 'ledger.db'));
  try {
    const begun = db.prepare("SELECT customer FROM record WHERE status = 'sent' ORDER BY customer").all();
    assert.deepEqual(
      begun.map(row => row['customer']),
      sent.toSorted(),
    );
    assert.equal(sent.length, 50);
  } finally {
    db.close();
  }
});
