import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import type { Emulator, EmulatorOptions } from '../../src/emulator/emulator.ts';
import { APPLICATION_ID, MIGRATIONS } from '../../src/ledger/schema.ts';
import { SHIFTS_CLOCK, toolHere as tool } from '../helpers/in-process.ts';
import { shellHere as shell } from '../helpers/shell-program.ts';
import { clock, type Ended, hourAgo, newFolder, patience, withEmulator } from '../helpers/tool.ts';
import { type Entry, rightAnswer, startOddService } from '../torture/misbehaving-service.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const HOUR = 3_600_000;

/** When each of these stories begins, for AWS and for the machine. */
const BEGIN = Date.parse('2026-11-22T10:30:00Z');

type Row = {
  readonly hour?: string;
  readonly account?: string;
  readonly dimension?: string;
  readonly quantity?: number;
};

const csv = (...rows: readonly Row[]): string =>
  `${HEADER}\n${rows
    .map(
      ({ hour = '2026-11-22T09:00:00Z', account = '111122223333', dimension = 'users', quantity = 1 }) =>
        `${hour},${account},product,${dimension},${quantity}\n`,
    )
    .join('')}`;

type Run = Ended & {
  readonly isBeaten: boolean;
  /** Status, place and quantity of each record, as `-o jsonl` tells them. */
  readonly outcomes: string[];
};

type Machine = {
  readonly emulator: Emulator;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The next hour's usage is written over the last one's. */
  readonly write: (...rows: readonly Row[]) => void;
  /** `batch usage.csv`, as cron runs it. */
  readonly cron: (
    flags?: readonly string[],
    env?: Readonly<Record<string, string | undefined>>,
  ) => Promise<Run>;
  /** Any command with the same ledger. */
  readonly run: (...args: readonly string[]) => Promise<Ended>;
  /** A command line that a person was told, in the folder of the files, where no variable names an endpoint or a Region. */
  readonly type: (command: string) => Promise<Ended>;
  /** The same usage from somewhere else, which this ledger knows nothing of. */
  readonly elsewhere: (...rows: readonly Row[]) => Promise<void>;
  readonly wait: (hours: number) => void;
  readonly billed: () => string[];
};

/** AWS refuses the call, so that nothing is sent, however slow the machine is. */
const NO_ENTRY = { AWS_SECRET_ACCESS_KEY: 'wrong' };

const withMachine = (
  use: (machine: Machine) => Promise<void>,
  options: Partial<EmulatorOptions> = {},
): Promise<void> => {
  let shift = BEGIN - clock.now();
  const now = (): Date => new Date(clock.now() + shift);
  return withEmulator(
    async (emulator, there) => {
      const folder = newFolder();
      const [file, ledger, heartbeat] = ['usage.csv', 'ledger.db', 'beat.json'].map(name =>
        join(folder, name),
      ) as [string, string, string];
      const moved = () => ({ NODE_OPTIONS: SHIFTS_CLOCK, CLOCK_OFFSET_MS: String(shift) });
      const run = (args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}) =>
        tool(args, {
          cwd: folder,
          env: {
            ...there,
            AMPMETER_LEDGER: ledger,
            ...moved(),
            ...env,
          },
        });
      const write = (...rows: readonly Row[]): void => writeFileSync(file, csv(...rows));
      await use({
        emulator,
        folder,
        env: there,
        write,
        cron: async (flags = [], env = {}) => {
          rmSync(heartbeat, { force: true });
          const args = [
            'batch',
            'usage.csv',
            '--heartbeat',
            heartbeat,
            '-o',
            'jsonl',
            ...patience(emulator),
            ...flags,
          ];
          const ended = await run(args, env);
          return { ...ended, isBeaten: existsSync(heartbeat), outcomes: outcomesIn(ended) };
        },
        run: (...args) => run(args),
        type: command =>
          shell(`cd '${folder}' && ${command}`, {
            ...there,
            ...moved(),
            AWS_ENDPOINT_URL: undefined,
            AWS_REGION: undefined,
          }),
        elsewhere: async (...rows) => {
          const other = newFolder();
          writeFileSync(join(other, 'usage.csv'), csv(...rows));
          const ended = await run(['batch', join(other, 'usage.csv'), '--ledger', join(other, 'ledger.db')]);
          assert.equal(ended.code, 0, ended.stderr);
        },
        wait: hours => {
          shift += hours * HOUR;
        },
        billed: () =>
          emulator
            .records()
            .map(({ Dimension, Quantity }) => `${Dimension} ${Quantity}`)
            .sort(),
      });
    },
    { now, ...options },
  );
};

type Members = { readonly type: string; readonly [name: string]: unknown };

const linesOf = (text: string): Members[] =>
  text
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line));

const outcomesIn = ({ stdout }: Pick<Ended, 'stdout'>): string[] =>
  linesOf(stdout)
    .filter(({ type }) => type === 'outcome')
    .map(({ status, fromRun, line, Dimension, Quantity }) => {
      const place = `${fromRun === undefined ? '' : `run ${fromRun}, `}${line}`;
      return `${status} ${Dimension} ${Quantity} at ${place}`;
    })
    .sort();

/** What is said on standard error, of this type. */
const said = (type: 'notice' | 'warning', { stderr }: Pick<Ended, 'stderr'>): string =>
  linesOf(stderr)
    .filter(line => line.type === type)
    .map(({ message }) => message)
    .join('\n');

const assertEnds = (run: Run, code: number, outcomes: readonly string[]): void => {
  assert.equal(run.code, code, run.stderr);
  assert.deepEqual(run.outcomes, [...outcomes].sort());
  assert.equal(run.isBeaten, code === 0, 'the heartbeat is beaten when all is billed, and only then');
};

describe('cron writes the next file over one that was not sent', { concurrency: 3 }, () => {
  const FAILURES: readonly (readonly [
    why: string,
    code: number,
    env: Readonly<Record<string, string | undefined>>,
    faults: readonly string[],
  ])[] = [
    ['the service is busy', 5, {}, ['throttle:1']],
    ['the service is down', 5, {}, ['error503:1']],
    ['there are no credentials', 6, { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }, []],
    ['the credentials have expired', 6, {}, ['expired-credentials:1']],
    ['the credentials are wrong', 6, { AWS_SECRET_ACCESS_KEY: 'wrong' }, []],
    ['connections are cut', 5, {}, ['reset-before:1']],
  ];
  for (const [why, code, env, faults] of FAILURES) {
    test(`while ${why}: all is sent when that is over, and not before is the heartbeat beaten`, () =>
      withMachine(async ({ emulator, write, cron, billed }) => {
        emulator.setFaults({ faults });
        // An attempt that is cut short by the end of the patience is in doubt: on a busy machine that may be any.
        const isCertain = code === 6;
        const status = isCertain ? 'unsent' : 'open';
        const reported = ({ outcomes }: Run): string[] =>
          outcomes.map(line => (isCertain ? line : line.replace(/^(unsent|unknown) /, 'open ')));
        write({ dimension: 'first' }, { dimension: 'second', quantity: 2 });
        const left = [`${status} first 1 at 2`, `${status} second 2 at 3`];
        const one = await cron([], env);
        assert.equal(one.code, code, one.stderr);
        assert.deepEqual([reported(one), one.isBeaten], [left, false]);

        write({ dimension: 'third', quantity: 3 });
        const two = await cron([], env);
        assert.deepEqual([two.code, two.isBeaten], [one.code, false]);
        assert.match(said('notice', two), /2 records that earlier runs left open are sent as well/);
        assert.deepEqual(reported(two), [
          `${status} first 1 at run 1, 2`,
          `${status} second 2 at run 1, 3`,
          `${status} third 3 at 2`,
        ]);
        assert.deepEqual(billed(), []);

        emulator.setFaults({ faults: [] });
        write({ dimension: 'fourth', quantity: 4 });
        const three = await cron();
        assert.match(said('notice', three), /3 records that earlier runs left open are sent as well/);
        assertEnds(three, 0, [
          'accepted first 1 at run 1, 2',
          'accepted second 2 at run 1, 3',
          'accepted third 3 at run 2, 2',
          'accepted fourth 4 at 2',
        ]);
        assert.deepEqual(billed(), ['first 1', 'fourth 4', 'second 2', 'third 3']);
        const four = await cron();
        assertEnds(four, 0, ['already-recorded fourth 4 at 2']);
        assert.equal(said('notice', four), '');
      }));
  }

  test('a row of the new file for the same hour comes first', () =>
    withMachine(async ({ emulator, write, cron, billed }) => {
      emulator.setFaults({ faults: ['throttle:1'] });
      write({ quantity: 5 }, { dimension: 'gb', quantity: 6 });
      assert.equal((await cron()).code, 5);
      emulator.setFaults({ faults: [] });
      write({ quantity: 7 });
      assertEnds(await cron(), 0, ['accepted users 7 at 2', 'accepted gb 6 at run 1, 3']);
      assert.deepEqual(billed(), ['gb 6', 'users 7']);
    }));

  test('and so does an invalid one: what was planned for its hour waits for the correction', () =>
    withMachine(async ({ emulator, folder, write, cron, billed }) => {
      emulator.setFaults({ faults: ['throttle:1'] });
      write({ quantity: 5 }, { dimension: 'gb', quantity: 6 });
      assert.equal((await cron()).code, 5);
      emulator.setFaults({ faults: [] });
      write({ quantity: 7 }, { quantity: 8 });
      const run = await cron(['--skip-invalid']);
      assert.equal(run.code, 4, run.stderr);
      assert.deepEqual(billed(), ['gb 6']);
      write({ quantity: 15 });
      assertEnds(await cron(), 0, ['accepted users 15 at 2']);
      assert.deepEqual(billed(), ['gb 6', 'users 15']);
      assert.ok(existsSync(join(folder, 'usage.rejected.csv')));
    }));

  test('an invalid file sends nothing, and what is open stays open', () =>
    withMachine(async ({ emulator, write, cron, billed }) => {
      emulator.setFaults({ faults: ['throttle:1'] });
      write({ dimension: 'first' });
      assert.equal((await cron()).code, 5);
      emulator.setFaults({ faults: [] });
      write({ dimension: 'second', quantity: -1 });
      assert.equal((await cron()).code, 3);
      assert.deepEqual(billed(), []);
      write({ dimension: 'third' });
      assertEnds(await cron(), 0, ['accepted first 1 at run 1, 2', 'accepted third 1 at 2']);
    }));

  test('what is not sent in time is told once as expired, and by history from then on', () =>
    withMachine(async ({ folder, write, cron, run, wait, billed }) => {
      write({ dimension: 'first' });
      assert.equal((await cron([], NO_ENTRY)).code, 6);
      const status = async (): Promise<unknown> => {
        const { code, stdout, stderr } = await run('history', '-o', 'jsonl', '--since', '2026-11-01');
        assert.equal(code, 0, stderr);
        return linesOf(stdout).find(({ Dimension }) => Dimension === 'first')?.['status'];
      };
      assert.equal(await status(), 'unsent');
      wait(30);
      assert.equal(await status(), 'expired');
      write({ dimension: 'second', hour: '2026-11-23T15:00:00Z' });
      assertEnds(await cron(), 4, ['expired first 1 at run 1, 2', 'accepted second 1 at 2']);
      assert.equal(await status(), 'expired');
      assertEnds(await cron(), 0, ['already-recorded second 1 at 2']);
      assert.deepEqual(billed(), ['second 1']);
      const rejects = readdirSync(folder).filter(name => name.includes('rejected'));
      assert.deepEqual(rejects, [], 'no row of the file is rejected');
    }));

  test('of what AWS answered before, the answer is told when its next attempt is too late', () =>
    withMachine(async ({ write, cron, run, wait }) => {
      write({ account: '404404404404' });
      assertEnds(await cron(), 4, ['not-subscribed users 1 at 2']);
      write({ account: '404404404404', quantity: 2 });
      assertEnds(await cron([], NO_ENTRY), 6, ['unsent users 2 at 2']);
      wait(30);
      const history = await run(
        'history',
        '-o',
        'jsonl',
        '--status',
        'not-subscribed',
        '--since',
        '2026-11-01',
      );
      assert.equal(linesOf(history.stdout).filter(({ Dimension }) => Dimension === 'users').length, 1);
      write({ dimension: 'new', hour: '2026-11-23T15:00:00Z' });
      assertEnds(await cron(), 4, ['not-subscribed users 1 at run 2, 2', 'accepted new 1 at 2']);
      assertEnds(await cron(), 0, ['already-recorded new 1 at 2']);
      write({ account: '404404404404' });
      assertEnds(await cron(), 4, ['not-subscribed users 1 at 2']);
    }));
});

describe('batch without files', { concurrency: 3 }, () => {
  test('sends what is open and nothing else', () =>
    withMachine(async ({ emulator, write, cron, run, billed }) => {
      emulator.setFaults({ faults: ['throttle:1'] });
      write({ dimension: 'first' }, { dimension: 'second' });
      assert.equal((await cron()).code, 5);
      const down = await run('batch', ...patience(emulator));
      assert.equal(down.code, 5, down.stderr);
      emulator.setFaults({ faults: [] });
      const { code, stdout, stderr } = await run('batch');
      assert.equal(code, 0, stderr);
      assert.match(stderr, /2 records that earlier runs left open are sent as well/);
      assert.match(stdout, /^run 1, .*usage\.csv:2 .*accepted/m);
      assert.match(stderr, /\n0 rows, 2 records, 1 request/);
      assert.deepEqual(billed(), ['first 1', 'second 1']);
      const again = await run('batch');
      assert.equal(again.code, 0);
      assert.match(again.stderr, /no open records/);
      assert.match(again.stderr, /nothing sent/);
    }));

  test('shows what it would send with --dry-run and --show-request, and sends nothing', () =>
    withMachine(async ({ emulator, write, cron, run, billed }) => {
      emulator.setFaults({ faults: ['throttle:1'] });
      write({});
      assert.equal((await cron()).code, 5);
      emulator.setFaults({ faults: [] });
      const dry = await run('batch', '--dry-run', '-o', 'json');
      assert.equal(dry.code, 0, dry.stderr);
      assert.equal(JSON.parse(dry.stdout).summary.unsent, 1);
      const shown = await run('batch', '--show-request');
      assert.equal(shown.stdout.match(/^curl /gm)?.length, 1);
      assert.deepEqual(billed(), []);
      assert.equal((await run('batch', '-q')).code, 0);
      assert.deepEqual(billed(), ['users 1']);
    }));

  test('makes no ledger where there is none', () =>
    withMachine(async ({ folder, run }) => {
      const { code, stderr } = await run('batch');
      assert.equal(code, 0, stderr);
      assert.match(stderr, /no open records/);
      assert.deepEqual(readdirSync(folder), []);
    }));

  for (const flags of [
    ['--timestamp', 'now'],
    ['--product-code', 'p'],
    ['--skip-invalid'],
    ['--skip-open'],
    ['--merge', 'sum'],
    ['--results', 'r.csv'],
    ['--rejects', 'r.csv'],
    ['--local'],
    ['--no-ledger'],
  ]) {
    test(`refuses ${flags.join(' ')}, which is about a file`, () =>
      withMachine(async ({ run }) => {
        const { code, stderr } = await run('batch', ...flags);
        assert.equal(code, 2);
        assert.match(stderr, new RegExp(`^error: ${flags[0]} needs a file: `, 'm'));
      }));
  }
});

test('--skip-open leaves what is open, says so, and the next run sends it', () =>
  withMachine(async ({ emulator, write, cron, billed }) => {
    emulator.setFaults({ faults: ['throttle:1'] });
    write({ dimension: 'first' });
    assert.equal((await cron()).code, 5);
    emulator.setFaults({ faults: [] });
    for (const quantity of [1, 1]) {
      write({ dimension: 'second', quantity });
      const run = await cron(['--skip-open']);
      assert.equal(run.code, 0, run.stderr);
      assert.equal(run.isBeaten, false, 'a monitor hears nothing while something is open');
      assert.match(said('warning', run), /1 record that earlier runs left open is not sent \(--skip-open\)/);
      assert.deepEqual(billed(), ['second 1']);
    }
    assertEnds(await cron(), 0, ['accepted first 1 at run 1, 2', 'already-recorded second 1 at 2']);
  }));

test('what is open in another Region is told by the runs of this one while it can be billed, and sent by the command they name', () =>
  withMachine(async ({ emulator, write, cron, run, type, wait, billed }) => {
    const there = ['--region', 'eu-west-1', '--endpoint-url', emulator.url, '--ledger', 'ledger.db'];
    emulator.setFaults({ faults: ['throttle:1'] });
    write({ dimension: 'there' });
    assert.equal((await cron(there)).code, 5);
    emulator.setFaults({ faults: [] });
    write({ dimension: 'here' });
    const here = await cron();
    assert.match(
      said('warning', here),
      /1 record that earlier runs left open for eu-west-1 .* is not sent by this/,
    );
    const bare = await run('batch', '-o', 'jsonl');
    assert.equal(said('warning', bare), said('warning', here));
    const [command = ''] = /ampmeter batch .*(?= sends it)/.exec(said('warning', bare)) ?? [];
    const sent = await type(`AMPMETER_LEDGER=ledger.db ${command}`);
    assert.equal(sent.code, 0, sent.stderr);
    assert.deepEqual(billed(), ['here 1', 'there 1']);
    assert.equal(said('warning', await cron()), '');

    emulator.setFaults({ faults: ['throttle:1'] });
    write({ dimension: 'lost' });
    assert.equal((await cron(there)).code, 5);
    emulator.setFaults({ faults: [] });
    wait(24);
    write({ dimension: 'next', hour: '2026-11-23T09:00:00Z' });
    assert.equal(said('warning', await cron()), '');
  }));

test('a dry run ends as the run will where AWS has answered already and the hour is closed', () =>
  withMachine(async ({ write, cron, run, wait }) => {
    write({ account: '404404404404' }, { dimension: 'unknown_dimension' });
    assert.equal((await cron()).code, 4);
    wait(48);
    const dry = await run('batch', 'usage.csv', '--dry-run', '-o', 'json');
    assert.equal(dry.code, 4, dry.stderr);
    const { summary, plan } = JSON.parse(dry.stdout);
    assert.deepEqual([plan.records, summary.notSubscribed, summary.refused], [0, 1, 1]);
    assert.equal((await cron()).code, 4);
  }));

test('-o json names the run that read what is not billed, and counts it', () =>
  withMachine(async ({ emulator, write, cron, run }) => {
    emulator.setFaults({ faults: ['throttle:1'] });
    write({}, { dimension: 'gb' });
    assert.equal((await cron()).code, 5);
    write({ dimension: 'new' });
    const { code, stdout, stderr } = await run('batch', 'usage.csv', '-o', 'json', ...patience(emulator));
    assert.equal(code, 5, stderr);
    const { summary, problems } = JSON.parse(stdout);
    assert.deepEqual([summary.rows, summary.records, summary.unsent], [1, 3, 3]);
    assert.deepEqual(
      problems.map(({ fromRun, line, Dimension }: Members) => [fromRun, line, Dimension]),
      [
        [undefined, 2, 'new'],
        [1, 2, 'users'],
        [1, 3, 'gb'],
      ],
    );
  }));

const COMMAND = /ampmeter (reconcile --settle --since \d{4}-\d{2}-\d{2})/;

describe('DuplicateRecord after an answer that was lost', { concurrency: 3 }, () => {
  const OURS: Row = { quantity: 1 };

  test('is no bill of ours when another program was first, and nothing says whose it is', () =>
    withMachine(async ({ emulator, write, cron, run, elsewhere, billed, wait }) => {
      await elsewhere({ quantity: 101 });
      emulator.setFaults({ next: 'reset-before' });
      write(OURS);
      const first = await cron();
      assertEnds(first, 4, ['unknown users 1 at 2']);
      assert.match(
        said('warning', first),
        /1 record may or may not be billed, and sending again cannot settle it/,
      );
      const [, command = ''] = COMMAND.exec(said('warning', first)) ?? [];
      assert.equal(command, 'reconcile --settle --since 2026-11-22');
      assert.doesNotMatch(first.stderr, /run the same command/);

      for (const dimension of ['second', 'third']) {
        write({ dimension });
        const later = await cron();
        assertEnds(later, 0, [`accepted ${dimension} 1 at 2`]);
        assert.match(said('warning', later), /1 record of earlier runs may or may not be billed/);
        assert.equal(COMMAND.exec(said('warning', later))?.[1], command);
      }
      assert.equal((await run('batch')).code, 0, 'and without a file');

      wait(1);
      await run(...command.split(' '));
      const { stdout } = await run('history', '-o', 'jsonl', '--since', '2026-11-22', '--status', 'unknown');
      assert.deepEqual(
        linesOf(stdout).filter(({ Dimension }) => Dimension === 'users'),
        [],
      );
      write({ dimension: 'fourth' });
      const last = await cron();
      assertEnds(last, 0, ['accepted fourth 1 at 2']);
      assert.equal(said('warning', last), '');
      assert.deepEqual(billed(), ['fourth 1', 'second 1', 'third 1', 'users 101']);
    }));

  test('is a duplicate where the service answers Success to what it has, which is asked once', () =>
    withMachine(async ({ emulator, write, cron, elsewhere, billed }) => {
      await elsewhere({ quantity: 101 }, { dimension: 'other', quantity: 102 });
      emulator.setFaults({ next: 'reset-before' });
      const before = emulator.stats();
      write(OURS, { dimension: 'other' }, { dimension: 'known' });
      assertEnds(await cron(), 4, [
        'duplicate users 1 at 2',
        'duplicate other 1 at 3',
        'accepted known 1 at 4',
      ]);
      assert.equal(requestsIn(emulator) - requestsIn(before), 3, 'lost, answered, asked');
      assert.deepEqual(billed(), ['known 1', 'other 102', 'users 101']);
      write({ dimension: 'next' });
      const next = await cron();
      assertEnds(next, 0, ['accepted next 1 at 2']);
      assert.equal(said('warning', next), '');
    }));

  test('is looked up by the command that was told, as it is, whatever flags the run had', () =>
    withMachine(
      async ({ emulator, write, cron, wait, type }) => {
        emulator.setFaults({ next: 'reset-after' });
        write(OURS);
        const flags = [
          '--ledger',
          "the seller's.db",
          '--endpoint-url',
          emulator.url,
          '--region',
          'us-east-1',
        ];
        const lost = await cron(flags, { AWS_ENDPOINT_URL: undefined, AWS_REGION: undefined });
        assertEnds(lost, 4, ['unknown users 1 at 2']);
        wait(1);
        write({ dimension: 'next' });
        const later = await cron(flags, { AWS_ENDPOINT_URL: undefined, AWS_REGION: undefined });
        for (const run of [lost, later]) {
          const [command = ''] = /ampmeter reconcile .*/.exec(said('warning', run)) ?? [];
          const settled = await type(`${command} -o json`);
          assert.equal(settled.code, 0, settled.stderr);
          assert.equal(JSON.parse(settled.stdout).summary.settled, run === lost ? 1 : 0);
        }
      },
      { behaviours: ['identical-resend=duplicate'] },
    ));

  test('may be our own record where the service answers so to what it has', () =>
    withMachine(
      async ({ emulator, write, cron, run, billed, wait }) => {
        write({ dimension: 'known' });
        assert.equal((await cron()).code, 0);
        emulator.setFaults({ next: 'reset-after' });
        write(OURS);
        const first = await cron();
        assertEnds(first, 4, ['unknown users 1 at 2']);
        assert.deepEqual(billed(), ['known 1', 'users 1']);

        const again = await cron();
        assertEnds(again, 4, ['unknown users 1 at 2']);
        wait(1);
        const [, command = ''] = COMMAND.exec(said('warning', again)) ?? [];
        const settled = await run(...command.split(' '));
        assert.equal(settled.code, 0, settled.stderr);
        const last = await cron();
        assertEnds(last, 0, ['already-recorded users 1 at 2']);
        assert.equal(said('warning', last), '');
      },
      { behaviours: ['identical-resend=duplicate'] },
    ));

  test('is looked for by reconcile in whatever hour it is, unless another is said', () =>
    withMachine(
      async ({ emulator, write, cron, run, wait, billed }) => {
        emulator.setFaults({ next: 'reset-after' });
        write(OURS);
        assertEnds(await cron(), 4, ['unknown users 1 at 2']);
        wait(72);
        const day = await run('reconcile', '--settle', '--since', '-24h', '-o', 'json');
        assert.equal(JSON.parse(day.stdout).summary.settled, 0);
        const plain = await run('reconcile', '-o', 'json');
        assert.deepEqual([plain.code, JSON.parse(plain.stdout).summary.unsettled], [5, 1]);
        const all = await run('reconcile', '--settle', '-o', 'json');
        assert.deepEqual([all.code, JSON.parse(all.stdout).summary.settled], [0, 1], all.stderr);
        write({ hour: '2026-11-25T09:00:00Z', dimension: 'later' });
        const later = await cron();
        assertEnds(later, 0, ['accepted later 1 at 2']);
        assert.equal(said('warning', later), '');
        assert.deepEqual(billed(), ['later 1', 'users 1']);
      },
      { behaviours: ['identical-resend=duplicate'] },
    ));

  test('is settled by Success where the record is our own and the service says so', () =>
    withMachine(async ({ emulator, write, cron, billed }) => {
      emulator.setFaults({ next: 'reset-after' });
      write(OURS);
      assertEnds(await cron(), 0, ['accepted users 1 at 2']);
      assert.deepEqual(billed(), ['users 1']);
    }));

  test('is no proof either when the record was sent by an earlier run', () =>
    withMachine(async ({ emulator, write, cron, elsewhere }) => {
      emulator.setFaults({ faults: ['reset-before:1'] });
      write(OURS);
      assertEnds(await cron(), 5, ['unknown users 1 at 2']);
      emulator.setFaults({ faults: [] });
      await elsewhere({ quantity: 101 });
      write();
      assertEnds(await cron(['--allow-empty']), 4, ['unknown users 1 at run 1, 2']);
      write({ dimension: 'next' });
      assertEnds(await cron(), 0, ['accepted next 1 at 2']);
    }));
});

const requestsIn = (of: Emulator | ReturnType<Emulator['stats']>): number => {
  const stats = 'stats' in of && typeof of.stats === 'function' ? of.stats() : of;
  return (stats as unknown as { readonly requests: number }).requests;
};

test('a refusal of what may be billed leaves it unknown, and not among the rejects', () =>
  withMachine(async ({ emulator, folder, write, cron }) => {
    emulator.setFaults({ faults: ['reset-after:1'] });
    write({});
    assertEnds(await cron(), 5, ['unknown users 1 at 2']);
    emulator.setFaults({ faults: [] });
    emulator.setCatalog({ products: [{ code: 'product', dimensions: ['other'] }] });
    const run = await cron();
    assertEnds(run, 4, ['unknown users 1 at 2']);
    assert.match(run.stdout, /AWS now rejects it, InvalidUsageDimensionException/);
    assert.match(said('warning', run), COMMAND);
    assert.deepEqual(
      readdirSync(folder).filter(name => name.includes('rejected')),
      [],
    );
  }));

describe('a reply that contradicts itself is no answer:', { concurrency: 3 }, () => {
  const copyOf = (entries: readonly Entry[], different: Partial<Entry>): Entry =>
    ({ ...entries[0], ...different }) as Entry;
  const REPLIES: readonly (readonly [
    name: string,
    reply: (results: Entry[]) => ReturnType<typeof rightAnswer>,
  ])[] = [
    ['two statuses', entries => rightAnswer([...entries, copyOf(entries, { Status: 'DuplicateRecord' })])],
    ['two ids', entries => rightAnswer([...entries, copyOf(entries, { MeteringRecordId: 'other' })])],
    [
      'not subscribed, and billed',
      entries => rightAnswer([copyOf(entries, { Status: 'CustomerNotSubscribed' }), ...entries]),
    ],
    ['billed, and not processed', entries => rightAnswer(entries, [entries[0]?.UsageRecord as object])],
  ];
  for (const [name, reply] of REPLIES) {
    test(name, () =>
      withMachine(async ({ write, cron }) => {
        const service = await startOddService();
        try {
          // This service has no clock but the machine's own.
          const env = { AWS_ENDPOINT_URL: service.url, NODE_OPTIONS: undefined };
          const hour = hourAgo(1);
          write({ hour }, { hour, dimension: 'gb', account: '444455556666' });
          service.answer = reply;
          // Long enough for the record that is answered.
          const first = await cron(['--give-up-after', '3s'], env);
          assertEnds(first, 5, ['unknown users 1 at 2', 'accepted gb 1 at 3']);
          assert.ok(service.requests.length > 1, 'it is sent again');
          assert.ok(service.requests.slice(1).every(({ UsageRecords }) => UsageRecords.length === 1));
          service.answer = rightAnswer;
          write({ hour, dimension: 'new', account: '777788889999' });
          assertEnds(await cron([], env), 0, ['accepted users 1 at run 1, 2', 'accepted new 1 at 2']);
        } finally {
          service.close();
        }
      }),
    );
  }
});

describe('a ledger of version 1', { concurrency: 3 }, () => {
  const versionOne = (path: string, endpoint: string): void => {
    const db = new DatabaseSync(path);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1; ${MIGRATIONS[0]}`);
    db.prepare('INSERT INTO destination VALUES (1, ?, ?)').run(endpoint, 'us-east-1');
    db.exec(`INSERT INTO file VALUES (1, 'old.csv');
      INSERT INTO run VALUES (1, 1, '2026-11-22T09:00:00.000Z', '2026-11-22T09:00:01.000Z', '1.0.0', '["old.csv"]', 6, '{}', 0);
      INSERT INTO record VALUES (1, ${Date.parse('2026-11-22T09:00:00Z') / 1000}, '111122223333', 'old', 'account', 'product',
        NULL, 9, NULL, 'planned', 1, 1, 1, 2, NULL, NULL, NULL)`);
    db.close();
  };

  test('is named by a reader, brought up to date by a run, and what it left unsent is sent', () =>
    withMachine(async ({ emulator, folder, write, cron, run, billed }) => {
      const ledger = join(folder, 'ledger.db');
      versionOne(ledger, emulator.url);
      for (const command of [['history'], ['gaps'], ['report', '--html', 'r.html'], ['ledger', 'verify']]) {
        const { code, stderr } = await run(...command);
        assert.equal(code, 9, `${command}: ${stderr}`);
        assert.match(stderr, /was written by an earlier version of ampmeter/);
        assert.match(stderr, /ampmeter batch upgrades it/);
      }
      assert.deepEqual(readdirSync(folder), ['ledger.db']);
      write({ dimension: 'new' });
      assertEnds(await cron(), 0, ['accepted old 9 at run 1, 2', 'accepted new 1 at 2']);
      assert.deepEqual(billed(), ['new 1', 'old 9']);
      assert.ok(existsSync(`${ledger}.v1`));
      assert.equal((await run('ledger', 'verify')).code, 0);
    }));
});

test('what earlier runs left open and cannot be billed is in no rejects file: it is said where it is', async () => {
  await withMachine(async ({ cron, run, write }) => {
    write({ account: '404404404404', quantity: 7 }, { dimension: 'gb' });
    assert.equal((await cron([], { AWS_SECRET_ACCESS_KEY: 'wrong' })).code, 6);
    write({ dimension: 'new' });
    const ended = await cron();
    assertEnds(ended, 4, [
      'accepted gb 1 at run 1, 3',
      'accepted new 1 at 2',
      'not-subscribed users 7 at run 1, 2',
    ]);
    const text = said('warning', ended);
    assert.match(text, /1 record of earlier runs is not billed, and in no rejects file; to list it, run:/);
    const [, command = ''] = /: ampmeter (history .*)$/m.exec(text) ?? [];
    const history = await run(...command.split(' '));
    const [header, ...rows] = history.stdout.trim().split('\n');
    assert.match(header ?? '', /^timestamp,customer_aws_account_id,/);
    assert.equal(rows.length, 1, history.stderr);
    assert.match(rows[0] ?? '', /^2026-11-22T09:00:00Z,404404404404,.*,users,7,/);
    assert.doesNotMatch(said('warning', await cron()), /no rejects file/);
  });
});
