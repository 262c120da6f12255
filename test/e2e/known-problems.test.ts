import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SHIFTS_CLOCK, toolHere as tool } from '../helpers/in-process.ts';
import { clock, type Ended, hourAgo, newFolder, patience, withEmulator } from '../helpers/tool.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const HOUR = 3_600_000;
const BEGIN = Date.parse('2026-11-22T10:17:00Z');
const at = (hours: number): string => new Date(BEGIN + hours * HOUR).toISOString();

type Line = {
  readonly type: string;
  readonly status?: string;
  readonly known?: boolean;
  readonly file?: string;
};
type Bench = {
  /** Runs `batch` so many hours after the beginning, on a file with these rows. */
  readonly batch: (hours: number, rows: readonly string[], ...flags: string[]) => Promise<Ended>;
  /** Submits another file with these rows. */
  readonly correct: (rows: readonly string[]) => Promise<Ended>;
  readonly ended: () => boolean;
  readonly succeeded: () => boolean;
};

const OK = ['--known-problems', 'ok'];
const LINES = ['-o', 'jsonl', '--problems-only'];

const onBench = async (use: (bench: Bench) => Promise<void>): Promise<void> => {
  let shift = 0;
  await withEmulator(
    async (_, env) => {
      const folder = newFolder();
      const [end, success] = ['end.json', 'success.json'].map(name => join(folder, name)) as [string, string];
      const submit = (name: string, rows: readonly string[], ...flags: string[]): Promise<Ended> => {
        const file = join(folder, name);
        writeFileSync(file, [HEADER, ...rows, ''].join('\n'));
        return tool(['batch', file, '--skip-invalid', ...flags], {
          cwd: folder,
          env: {
            ...env,
            AMPMETER_LEDGER: join(folder, 'ledger.db'),
            NODE_OPTIONS: SHIFTS_CLOCK,
            CLOCK_OFFSET_MS: String(shift),
          },
        });
      };
      await use({
        batch: (hours, rows, ...flags) => {
          shift = BEGIN + hours * HOUR - clock.now();
          for (const beat of [end, success]) rmSync(beat, { force: true });
          return submit('usage.csv', rows, '--heartbeat', success, '--heartbeat-end', end, ...flags);
        },
        correct: rows => submit('usage.corrected.csv', rows),
        ended: () => existsSync(end),
        succeeded: () => existsSync(success),
      });
    },
    { now: () => new Date(clock.now() + shift) },
  );
};

const linesIn = ({ stdout }: Ended): Line[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Line);

const good = (hours: number): string => `${at(hours)},111122223333,p,users,5`;
const INVALID = `${at(-1)},111122223333,p,gb,oops`;
const REFUSED = `${at(-1)},111122223333,p,unknown_dimension,7`;
const UNKNOWN_BUYER = `${at(-1)},404404404404,p,users,7`;
const BAD = [INVALID, REFUSED, UNKNOWN_BUYER];

describe('batch --known-problems ok', () => {
  test('fails for what is new, and not for what an earlier run has shown', async () => {
    await onBench(async ({ batch, ended, succeeded }) => {
      const first = await batch(0, [good(-1), ...BAD], ...OK, ...LINES);
      assert.equal(first.code, 4, first.stderr);
      assert.deepEqual([ended(), succeeded()], [true, false]);
      assert.deepEqual(
        linesIn(first)
          .map(({ type, status, known }) => [type, status, known])
          .sort(),
        [
          ['outcome', 'invalid', undefined],
          ['outcome', 'not-subscribed', undefined],
          ['outcome', 'refused', undefined],
          ['summary', undefined, 0],
        ],
      );
      // The window has moved on: the rows are at other lines, below a new one.
      const second = await batch(1, [good(0), good(-1), ...BAD], ...OK, ...LINES);
      assert.equal(second.code, 0, second.stderr);
      assert.deepEqual([ended(), succeeded()], [true, true]);
      const [summary, ...others] = linesIn(second) as [Line & Record<string, unknown>];
      assert.deepEqual(others, []);
      assert.deepEqual(
        [
          summary['known'],
          summary['invalid'],
          summary['refused'],
          summary['notSubscribed'],
          summary['accepted'],
        ],
        [3, 1, 1, 1, 1],
      );
      // One more, and one that changes.
      const third = await batch(
        2,
        [...BAD.with(0, INVALID.replace('oops', 'ooops')), `${at(1)},x,p,users,1`],
        ...OK,
        ...LINES,
      );
      assert.equal(third.code, 4);
      assert.equal(linesIn(third).filter(({ status }) => status === 'invalid').length, 2);
    });
  });

  test('lists them again when their deadline is near, and once a day, without a failure', async () => {
    await onBench(async ({ batch }) => {
      const without = 'yesterday,111122223333,p,gb,7';
      const listed: number[] = [];
      for (const hours of [0, 1, 12, 20, 21, 22, 24, 25]) {
        const { code, stdout } = await batch(hours, [good(hours - 1), INVALID, without], ...OK, '-o', 'json');
        assert.equal(code, hours === 0 ? 4 : 0);
        const { problems } = JSON.parse(stdout) as { readonly problems: readonly Line[] };
        listed.push(problems.length);
        assert.ok(problems.every(({ known }) => (known ?? false) === hours > 0));
      }
      // That of 9 o'clock closes after 23 hours: it is near 20 hours later.
      assert.deepEqual(listed, [2, 0, 0, 1, 0, 0, 1, 0]);
    });
  });

  test('without the flag they are problems as before, and marked', async () => {
    await onBench(async ({ batch, ended, succeeded }) => {
      assert.equal((await batch(0, BAD)).code, 4);
      const again = await batch(1, BAD, '-o', 'json');
      assert.equal(again.code, 4);
      assert.deepEqual([ended(), succeeded()], [true, false]);
      const { summary, problems } = JSON.parse(again.stdout);
      assert.deepEqual([problems.length, summary.known], [3, 3]);
      assert.ok(problems.every(({ known }: Line) => known === true));
      const table = await batch(2, BAD);
      assert.match(table.stderr, /invalid +1 +1 known\n/);
      assert.match(table.stderr, /refused +1 +1 known\n/);
    });
  });

  test('names with -q what is new, up to ten records, and counts the rest', async () => {
    await onBench(async ({ batch }) => {
      await batch(0, [good(-1), ...BAD], ...OK, '-q');
      const grown = good(-1).replace(/5$/, '9');
      const second = await batch(1, [grown, ...BAD], ...OK, '-q');
      assert.equal(second.code, 4);
      assert.match(
        second.stderr,
        /^error: 1 record is not billed: 1 conflict; 3 more are known\n {2}\S+usage\.csv:2 2026-11-22T09:00Z 111122223333 users: billed 5, reported 9 \(conflict\)\n {2}next: {2}see /m,
      );
      const many = Array.from({ length: 12 }, (_, index) => UNKNOWN_BUYER.replace('users', `users${index}`));
      const third = await batch(2, [grown, ...BAD, ...many], ...OK, '-q');
      assert.match(third.stderr, /^error: 12 records are not billed: .*; 4 more are known\n/m);
      assert.equal(
        third.stderr.match(/^ {2}\S+usage\.csv:\d+ 2026-11-22T09:00Z 404404404404 users\d+: /gm)?.length,
        10,
      );
      assert.match(third.stderr, /\n {2}and 2 more\n {2}next: /);
    });
  });

  test('says nothing of a row that was corrected and billed from another file', async () => {
    await onBench(async ({ batch, correct }) => {
      assert.equal((await batch(0, [good(-1), INVALID], ...OK, '-q')).code, 4);
      assert.equal((await correct([INVALID.replace('oops', '8')])).code, 0);
      for (const hours of [1, 21]) {
        const { code, stdout, stderr } = await batch(hours, [good(-1), INVALID], ...OK, '-q');
        assert.deepEqual([code, stdout, stderr], [0, '', '']);
      }
    });
  });

  test('says nothing with -q when nothing is new', async () => {
    await onBench(async ({ batch }) => {
      await batch(0, BAD, ...OK, '-q');
      const { code, stdout, stderr } = await batch(1, [good(0), ...BAD], ...OK, '-q');
      assert.deepEqual([code, stdout, stderr], [0, '', '']);
    });
  });
});

test('a run that is stopped by an invalid row lists it each time, and notes it', async () => {
  await withEmulator(async (_, env) => {
    const folder = newFolder();
    const file = join(folder, 'usage.csv');
    const hour = hourAgo(1);
    writeFileSync(file, `${HEADER}\n${hour},111122223333,p,users,oops\n${hour},111122223333,p,gb,1\n`);
    const run = (...flags: string[]): Promise<Ended> =>
      tool(['batch', file, ...OK, ...flags], { env, cwd: folder });
    assert.equal((await run('--dry-run')).code, 3);
    for (const isKnown of [false, true]) {
      const stopped = await run('-o', 'json');
      assert.equal(stopped.code, 3);
      const { summary, problems } = JSON.parse(stopped.stdout);
      assert.equal(summary.known, isKnown ? 1 : 0);
      assert.deepEqual(
        problems.map(({ known }: Line) => known ?? false),
        [isKnown],
      );
    }
    assert.match((await run()).stderr, /usage\.csv:2:\d+: error: quantity/);
    // What was told then is known to a run that goes on without it.
    const skipped = await run('--skip-invalid', '-o', 'json');
    assert.equal(skipped.code, 0);
    assert.deepEqual(JSON.parse(skipped.stdout).problems, []);
  });
});

test('batch --heartbeat-end is for a run that reached its end', async () => {
  await withEmulator(async (emulator, env) => {
    const folder = newFolder();
    const beat = join(folder, 'end.json');
    const file = join(folder, 'usage.csv');
    const now = hourAgo(1);
    const run = async (row: string): Promise<number | null> => {
      rmSync(beat, { force: true });
      writeFileSync(file, `${HEADER}\n${now},${row}\n`);
      const args = ['batch', file, '--heartbeat-end', beat, ...patience(emulator)];
      return (await tool(args, { env, cwd: folder })).code;
    };
    assert.equal(await run('404404404404,p,users,7'), 4);
    assert.equal(JSON.parse(readFileSync(beat, 'utf8')).exitCode, 4);
    assert.equal(await run('111122223333,p,users,oops'), 3);
    assert.equal(existsSync(beat), false);
    emulator.setFaults({ faults: ['error503:1'] });
    assert.equal(await run('111122223333,p,users,7'), 5);
    assert.equal(existsSync(beat), false);
    emulator.setFaults({ faults: [] });
    assert.equal(await run('111122223333,p,users,7'), 0);
    assert.equal(JSON.parse(readFileSync(beat, 'utf8')).exitCode, 0);
  });
});
