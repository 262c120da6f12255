import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { deadlineOf, WINDOWS } from '../../src/usage/windows.ts';
import { SHIFTS_CLOCK, toolHere as tool } from '../helpers/in-process.ts';
import { clock, type Ended, fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const LICENSE = 'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef';
const HEADER = 'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity';

/** When these tests begin, for AWS and for the machine: far from the end of a month, at which many hours close at once. */
const BEGIN = Date.parse('2026-11-22T10:10:00Z');
const SHIFT = BEGIN - Date.now();
const now = (): Date => new Date(clock.now() + SHIFT);
const CLOCK = { NODE_OPTIONS: SHIFTS_CLOCK, CLOCK_OFFSET_MS: String(SHIFT) };

const ago = (hours: number): string => hourAgo(hours, BEGIN);
const AGO = Array.from({ length: 8 }, (_, hours) => ago(hours));
const RANGE = ['--since', ago(6), '--until', ago(0)];
/** Also hours whose deadline is far away. */
const ALL = ['--within', '24h'];

const deadline = (hour: string): string =>
  new Date(deadlineOf(Date.parse(hour) / 1000, WINDOWS.BatchMeterUsage)).toISOString().replace('.000Z', 'Z');

type Bench = {
  readonly env: Record<string, string>;
  readonly ledger: string;
  readonly records: () => readonly unknown[];
  /** Uploads rows; the code is what the command ended with. */
  readonly upload: (...rows: string[]) => Promise<number | null>;
  readonly gaps: (...args: string[]) => Promise<Ended>;
};

const onBench = (use: (bench: Bench) => Promise<void>): Promise<void> =>
  withEmulator(
    async (emulator, emulated) => {
      const ledger = join(newFolder(), 'ledger.db');
      const env = { ...emulated, ...CLOCK, AMPMETER_LEDGER: ledger };
      await use({
        env,
        ledger,
        records: emulator.records,
        upload: async (...rows) =>
          (await tool(['batch', fileWith([HEADER, ...rows, ''].join('\n')), '--no-rejects'], { env })).code,
        gaps: (...args) => tool(['gaps', ...RANGE, ...args], { env }),
      });
    },
    { now },
  );

const users = (hours: number, quantity = 5): string => `${ago(hours)},111122223333,,prodA,users,${quantity}`;

type Found = {
  readonly summary: Record<string, unknown>;
  readonly gaps: readonly Record<string, unknown>[];
  readonly perhapsBilled: readonly Record<string, unknown>[];
};

const found = ({ stdout }: Ended): Found => JSON.parse(stdout) as Found;

/** Each as dimension and hours ago, such as `users 3`. */
const hoursIn = (list: Found['gaps']): string[] =>
  list.map(({ Dimension, Timestamp }) => `${Dimension} ${AGO.indexOf(String(Timestamp))}`);

describe('gaps, from the ledger', () => {
  test('are the hours without a record, soonest deadline first, each with its deadline', async () => {
    await onBench(async ({ upload, gaps }) => {
      assert.equal(await upload(users(5), users(3), `${ago(2)},111122223333,,prodA,gb,1`), 0);
      const ended = await gaps('-o', 'json');
      assert.equal(ended.code, 4, ended.stderr);
      const { summary, gaps: list, perhapsBilled } = found(ended);
      assert.deepEqual(hoursIn(list), ['users 4', 'users 2', 'gb 1', 'users 1']);
      assert.deepEqual(perhapsBilled, []);
      assert.deepEqual(list[0], {
        Timestamp: ago(4),
        ProductCode: 'prodA',
        CustomerAWSAccountId: '111122223333',
        Dimension: 'users',
        deadline: deadline(ago(4)),
        billable: true,
      });
      assert.deepEqual(summary, {
        since: ago(6),
        until: ago(0),
        subscriptions: 2,
        gaps: 4,
        billable: 4,
        tooLate: 0,
        notSubscribed: 0,
        perhapsBilled: 0,
        firstDeadline: deadline(ago(4)),
        zeroFill: null,
        estimate: null,
      });
    });
  });

  test('are listed in a table, consecutive hours in one line', async () => {
    await onBench(async ({ upload, gaps }) => {
      await upload(users(6));
      const { code, stdout, stderr } = await gaps();
      assert.equal(code, 4);
      const [head, line, ...rest] = stdout.trimEnd().split('\n');
      assert.match(head ?? '', /^CUSTOMER +DIMENSION +FROM +TO +HOURS +CAN BE BILLED$/);
      const minute = (hour: string): string => `${hour.slice(0, 16)}Z`;
      assert.deepEqual((line ?? '').split(/ {2,}/), [
        '111122223333',
        'users',
        minute(ago(5)),
        minute(ago(0)),
        '5',
        `! until ${minute(deadline(ago(5)))}`,
      ]);
      assert.deepEqual(rest, []);
      assert.match(
        stderr,
        /^5 gaps from \S+ to \S+, 1 subscription\n {2}can be billed {3}5 {2}the first one until /,
      );
    });
  });

  test('are lines of CSV, each with its deadline, and with the status of a row that is not billed', async () => {
    await onBench(async ({ upload, gaps }) => {
      assert.equal(await upload(users(5), users(3), `${ago(2)},111122223333,,prodA,unknown_dimension,1`), 4);
      const ended = await gaps('-o', 'csv', '--dimension', 'users');
      assert.equal(ended.code, 4, ended.stderr);
      assert.deepEqual(ended.stdout.split('\n'), [
        'type,timestamp,customer_aws_account_id,license_arn,customer_identifier,product_code,dimension,deadline,billable,status,question',
        ...[4, 2, 1].map(
          hours =>
            `gap,${ago(hours)},111122223333,,,prodA,users,${deadline(ago(hours))},true,,${hours === 2 ? 'refused' : ''}`,
        ),
        '',
      ]);
      assert.match(ended.stderr, /^3 gaps from /);
      const both = await gaps('-o', 'csv', '--zero-fill', '-');
      assert.equal(both.code, 2);
      assert.match(both.stderr, /--zero-fill - and --output csv cannot be used together/);
      assert.equal(await upload(`${ago(1)},111122223333,,prodA,users,1.5`), 3);
      const open = await gaps('-o', 'csv', '--dimension', 'users');
      assert.match(open.stdout, new RegExp(`^gap,${ago(1)},.*,true,,invalid$`, 'm'));
    });
  });

  test('there are none: exit code 0, and an empty list', async () => {
    await onBench(async ({ upload, gaps }) => {
      assert.equal(await upload(users(2), users(1)), 0);
      const ended = await gaps('-o', 'jsonl');
      assert.equal(ended.code, 0);
      assert.deepEqual(JSON.parse(ended.stdout).gaps, 0);
      const table = await gaps();
      assert.equal(table.stdout, '');
      assert.match(table.stderr, /^no gaps from /);
    });
  });

  test('what AWS refused is a gap that says so; after not-subscribed nothing more is expected', async () => {
    await onBench(async ({ ledger, upload, gaps }) => {
      await upload(users(5), users(4), users(2));
      const db = new DatabaseSync(ledger);
      const settle = db.prepare('UPDATE record SET status = ? WHERE timestamp = ?');
      settle.run('refused', Date.parse(ago(4)) / 1000);
      settle.run('unknown', Date.parse(ago(2)) / 1000);
      db.close();
      const { gaps: list, perhapsBilled, summary } = found(await gaps('-o', 'json'));
      assert.deepEqual(hoursIn(list), ['users 4', 'users 3', 'users 1']);
      assert.deepEqual(
        list.map(({ status }) => status),
        ['refused', undefined, undefined],
      );
      assert.deepEqual(hoursIn(perhapsBilled), ['users 2']);
      assert.equal(summary['perhapsBilled'], 1);
      const table = await gaps();
      assert.match(table.stdout, /! perhaps billed +unknown\n$/);
      assert.match(
        table.stderr,
        /perhaps billed +1 +no reply: run ampmeter batch again, then ampmeter reconcile --settle/,
      );

      const again = new DatabaseSync(ledger);
      again
        .prepare("UPDATE record SET status = 'not-subscribed' WHERE timestamp IN (?, ?)")
        .run(Date.parse(ago(4)) / 1000, Date.parse(ago(2)) / 1000);
      again.close();
      assert.deepEqual(hoursIn(found(await gaps('-o', 'json')).gaps), ['users 4']);
    });
  });

  test('hours that AWS no longer accepts come last, as too late', async () => {
    await onBench(async ({ ledger, upload, env }) => {
      await upload(users(3), users(2), users(1));
      const db = new DatabaseSync(ledger);
      db.exec(
        `CREATE TEMP TABLE late AS SELECT * FROM record WHERE timestamp = (SELECT min(timestamp) FROM record);
         UPDATE late SET timestamp = timestamp - 27 * 3600;
         INSERT INTO record SELECT * FROM late`,
      );
      db.close();
      const from = ago(30);
      const ended = await tool(['gaps', '--since', from, '--until', ago(0), '-o', 'json'], { env });
      assert.equal(ended.code, 4);
      const { gaps, summary } = found(ended);
      const late = gaps.findIndex(({ billable }) => billable === false);
      assert.ok(late > 0);
      assert.ok(gaps.slice(late).every(({ billable }) => billable === false));
      assert.equal(gaps.length, 26);
      assert.equal(Number(summary['billable']) + Number(summary['tooLate']), 26);
      assert.equal(summary['billable'], late);
    });
  });

  test('a ledger without subscriptions leads to a warning', async () => {
    await onBench(async ({ upload, gaps, env }) => {
      await upload(users(2));
      const other = await tool(['gaps', ...RANGE], { env: { ...env, AWS_ENDPOINT_URL: '' } });
      assert.equal(other.code, 0);
      assert.match(
        other.stderr,
        /warning: the ledger has no records of AWS; use --endpoint-url http\S+ to see/,
      );
      const filtered = await gaps('--customer', '999999999999');
      assert.match(filtered.stderr, /warning: no subscriptions found in the ledger for these hours/);
    });
  });
});

describe('gaps --zero-fill', () => {
  test('writes what batch accepts, and that fills the gaps exactly', async () => {
    await onBench(async ({ env, upload, gaps, records }) => {
      await upload(users(5), users(3), `${ago(4)},444455556666,${LICENSE},,users,9`);
      const before = records().length;
      const file = join(newFolder(), 'zeros.csv');
      const ended = await gaps(...ALL, '--zero-fill', file);
      assert.equal(ended.code, 4);
      assert.match(
        ended.stderr,
        /warning: .*zeros\.csv has 6 rows with quantity 0; a quantity of 0 is final/,
      );
      assert.match(ended.stderr, /ampmeter batch .*zeros\.csv\n/);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      assert.deepEqual(lines, [
        'timestamp,customer_aws_account_id,license_arn,customer_identifier,product_code,dimension,quantity',
        `${ago(4)},111122223333,,,prodA,users,0`,
        `${ago(3)},444455556666,${LICENSE},,,users,0`,
        `${ago(2)},111122223333,,,prodA,users,0`,
        `${ago(2)},444455556666,${LICENSE},,,users,0`,
        `${ago(1)},111122223333,,,prodA,users,0`,
        `${ago(1)},444455556666,${LICENSE},,,users,0`,
      ]);
      const sent = await tool(['batch', file], { env });
      assert.equal(sent.code, 0, sent.stderr);
      assert.equal(records().length, before + 6);
      const after = await gaps('-o', 'json');
      assert.equal(after.code, 0, after.stdout);
      assert.deepEqual(found(after).gaps, []);
    });
  });

  test('leaves out an hour that has a quantity which was not billed', async () => {
    await onBench(async ({ ledger, upload, gaps }) => {
      await upload(users(4), users(3), users(2));
      const db = new DatabaseSync(ledger);
      const set = db.prepare('UPDATE record SET status = ? WHERE timestamp = ?');
      set.run('refused', Date.parse(ago(3)) / 1000);
      set.run('unknown', Date.parse(ago(2)) / 1000);
      db.close();
      const file = join(newFolder(), 'zeros.csv');
      const ended = await gaps(...ALL, '--zero-fill', file, '-o', 'json');
      assert.deepEqual(found(ended).summary['zeroFill'], { file, rows: 1, leftOut: 1, later: 0 });
      assert.match(
        readFileSync(file, 'utf8'),
        new RegExp(`quantity\n${ago(1)},111122223333,,,prodA,users,0\n$`),
      );
      assert.match(ended.stderr, /left out of \S+: 1 hour with a row in the ledger that is not billed/);
    });
  });

  test('fills near the deadline; the other hours are only listed', async () => {
    await onBench(async ({ upload, gaps }) => {
      await upload(users(6), users(3));
      const file = join(newFolder(), 'zeros.csv');
      const left = (Date.parse(deadline(ago(4))) - now().getTime()) / 60_000;
      // Half an hour after the deadline of the hour 4 hours ago: that of 5 hours ago is gone before it.
      const within = ['--within', `${Math.ceil(left) + 30}m`];
      const ended = await gaps(...within, '--zero-fill', file, '-o', 'json');
      const { gaps: listed, summary } = found(ended);
      assert.deepEqual(hoursIn(listed), ['users 5', 'users 4', 'users 2', 'users 1']);
      const filled = readFileSync(file, 'utf8').trimEnd().split('\n').slice(1);
      assert.deepEqual(filled, [
        `${ago(5)},111122223333,,,prodA,users,0`,
        `${ago(4)},111122223333,,,prodA,users,0`,
      ]);
      assert.deepEqual(summary['zeroFill'], { file, rows: 2, leftOut: 0, later: 2 });
      const { stderr } = await gaps(...within, '--force', '--zero-fill', file);
      assert.match(
        stderr,
        /not yet in \S+: 2 hours whose deadline is further away; use --within 24h to fill all/,
      );
    });
  });

  /** Rows of 2 hours ago that are not billed, and how much of that hour stays open for a correction. */
  const QUESTIONS: readonly (readonly [what: string, row: string, open: readonly string[]])[] = [
    ['an invalid quantity', '111122223333,,prodA,users,oops', ['users']],
    ['an invalid row with another product', '111122223333,,prodB,users,oops', ['users']],
    ['an invalid row with a license', `111122223333,${LICENSE},,users,oops`, ['users']],
    ['a row without a dimension', '111122223333,,prodA,,7', ['users', 'gb']],
    ['a dimension that AWS does not know', '111122223333,,prodA,unknown_dimension,7', ['users', 'gb']],
  ];
  for (const [what, row, open] of QUESTIONS)
    test(`never closes an hour with ${what}, until it is fixed`, async () => {
      await onBench(async ({ env, gaps }) => {
        const other = `111122223333,,prodA,gb,5`;
        const rows = [3, 1].flatMap(hours => [users(hours), `${ago(hours)},${other}`]);
        const send = (...lines: string[]): Promise<Ended> =>
          tool(['batch', fileWith([HEADER, ...lines, ''].join('\n')), '--no-rejects', '--skip-invalid'], {
            env,
          });
        assert.equal((await send(...rows, `${ago(2)},${row}`)).code, 4);
        const zeros = async (): Promise<string[]> => {
          const { stdout } = await gaps(...ALL, '--zero-fill', '-');
          return stdout
            .trimEnd()
            .split('\n')
            .slice(1)
            .map(line => line.split(',')[5] ?? '');
        };
        const both = ['gb', 'users'];
        assert.deepEqual(
          (await zeros()).sort(),
          both.filter(name => !open.includes(name)),
        );
        assert.equal((await send(users(2, 7))).code, 0);
        // What AWS has refused stays in the ledger, and with it the question about the other dimension.
        const isRefused = row.includes('unknown');
        assert.deepEqual(await zeros(), isRefused ? [] : ['gb']);
      });
    });

  test('never closes an hour of a file that was stopped by another row, until it is sent', async () => {
    await onBench(async ({ env, upload, gaps }) => {
      await upload(users(4), users(3));
      const file = fileWith('', 'export.csv');
      const send = async (...rows: string[]): Promise<number | null> => {
        writeFileSync(file, [HEADER, ...rows, ''].join('\n'));
        return (await tool(['batch', file, '--no-rejects'], { env })).code;
      };
      assert.equal(await send(users(2), '2026-01-01T00:00:00Z,1,,prodA,users,x'), 3);
      const zeros = async (): Promise<string[]> =>
        (await gaps(...ALL, '--zero-fill', '-')).stdout.trimEnd().split('\n').slice(1);
      assert.deepEqual(await zeros(), [`${ago(1)},111122223333,,,prodA,users,0`]);
      assert.equal(await send(`${ago(2)},111122223333,,prodA,gb,1`), 0);
      assert.deepEqual((await zeros()).length, 3);
    });
  });

  test('fills a zero again that was not sent', async () => {
    await onBench(async ({ env, upload, gaps }) => {
      await upload(users(4), users(3));
      const zeros = join(newFolder(), 'zeros.csv');
      await gaps(...ALL, '--zero-fill', zeros);
      const down = { ...env, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
      assert.notEqual((await tool(['batch', zeros, '--give-up-after', '50ms'], { env: down })).code, 0);
      const again = await gaps(...ALL, '--zero-fill', zeros, '--force', '-o', 'json');
      assert.deepEqual(found(again).summary['zeroFill'], { file: zeros, rows: 2, leftOut: 0, later: 0 });
      assert.equal((await tool(['batch', zeros], { env })).code, 0);
      assert.equal((await gaps()).code, 0);
    });
  });

  test('never overwrites a file without --force, and checks before it does anything', async () => {
    await onBench(async ({ ledger, upload, gaps }) => {
      await upload(users(3));
      const file = fileWith('mine', 'zeros.csv');
      const refused = await gaps(...ALL, '--zero-fill', file);
      assert.equal(refused.code, 2);
      assert.equal(refused.stdout, '');
      assert.match(refused.stderr, /zeros\.csv already exists[\s\S]*--force/);
      assert.equal(readFileSync(file, 'utf8'), 'mine');
      assert.equal((await gaps(...ALL, '--zero-fill', file, '--force')).code, 4);
      assert.match(readFileSync(file, 'utf8'), /^timestamp,/);
      assert.match(
        (await gaps(...ALL, '--zero-fill', join(newFolder(), 'no', 'x.csv'))).stderr,
        /folder does not exist/,
      );
      assert.match((await gaps('--force')).stderr, /--force needs --zero-fill/);
      assert.match(
        (await gaps(...ALL, '--zero-fill', ledger, '--force')).stderr,
        /is already used as the ledger/,
      );
    });
  });

  test('goes to standard output alone with -, for a pipe', async () => {
    await onBench(async ({ env, upload, gaps }) => {
      await upload(users(2));
      const { stdout, stderr, code } = await gaps(...ALL, '--zero-fill', '-');
      assert.equal(code, 4);
      assert.equal(stdout.split('\n')[1], `${ago(1)},111122223333,,,prodA,users,0`);
      assert.match(stderr, /^1 gap from /);
      assert.equal((await tool(['batch', '-', '--no-rejects'], { env, input: stdout })).code, 0);
      const none = await gaps(...ALL, '--zero-fill', '-');
      assert.equal(none.code, 0);
      assert.equal((await tool(['batch', '-'], { env, input: none.stdout })).code, 0);
      assert.match(
        (await gaps(...ALL, '--zero-fill', '-', '-o', 'json')).stderr,
        /would both go to standard output/,
      );
    });
  });

  test('on a day without gaps writes what batch accepts as empty, which is no other file without rows', async () => {
    await onBench(async ({ env, upload, gaps, records }) => {
      await upload(users(3), users(2), users(1));
      const file = join(newFolder(), 'zeros.csv');
      const none = await gaps(...ALL, '--zero-fill', file);
      assert.equal(none.code, 0);
      assert.match(none.stderr, /no hours to fill with 0; \S+zeros\.csv has only a header/);
      const header =
        'timestamp,customer_aws_account_id,license_arn,customer_identifier,product_code,dimension,quantity';
      assert.equal(readFileSync(file, 'utf8'), `${header},nothing_to_fill\n`);
      const count = records().length;
      const heartbeat = join(newFolder(), 'beat.json');
      const sent = await tool(['batch', file, '--heartbeat', heartbeat], { env });
      assert.equal(sent.code, 0, sent.stderr);
      assert.equal(records().length, count);
      assert.ok(existsSync(heartbeat));
      const broken = await tool(['batch', fileWith(`${header}\n`)], { env });
      assert.equal(broken.code, 3);
      assert.match(broken.stderr, /use --allow-empty/);
      const list = await gaps('--subscribers', file);
      assert.equal(list.code, 3);
      assert.match(list.stderr, /this file was written by gaps --zero-fill; it is not a list of subscribers/);
    });
  });

  test('where all gaps are left out is as empty', async () => {
    await onBench(async ({ env, ledger, upload, gaps }) => {
      await upload(users(3), users(2), users(1));
      const db = new DatabaseSync(ledger);
      db.prepare('UPDATE record SET status = ? WHERE timestamp = ?').run(
        'refused',
        Date.parse(ago(2)) / 1000,
      );
      db.close();
      const file = join(newFolder(), 'zeros.csv');
      const ended = await gaps(...ALL, '--zero-fill', file, '-o', 'json');
      assert.equal(ended.code, 4);
      assert.deepEqual(found(ended).summary['zeroFill'], { file, rows: 0, leftOut: 1, later: 0 });
      assert.equal((await tool(['batch', file], { env })).code, 0);
    });
  });

  test('names the ledger and the Region, and the file as a shell needs it', async () => {
    await onBench(async ({ env, ledger, upload, gaps }) => {
      await upload(users(3));
      const folder = newFolder();
      const flags = [
        '--ledger',
        ledger,
        '--region',
        'us-east-1',
        '--endpoint-url',
        String(env['AWS_ENDPOINT_URL']),
      ];
      const file = join(folder, 'z 4.csv');
      const { stderr } = await gaps(...ALL, '--zero-fill', file, ...flags);
      const [, command = ''] = /Review the rows, then run: ampmeter (.*)\n/.exec(stderr) ?? [];
      assert.equal(command, `batch '${file}' ${flags.join(' ')}`);
      const { stderr: dashed } = await tool(['gaps', ...RANGE, ...ALL, '--zero-fill=-z.csv'], {
        env,
        cwd: folder,
      });
      assert.match(dashed, /then run: ampmeter batch \.\/-z\.csv\n/);
    });
  });

  test('names the flag that batch needs for accounts that look rounded', async () => {
    await onBench(async ({ env, gaps }) => {
      const row = `${ago(2)},111122000000,,prodA,users,5`;
      const file = fileWith(`${HEADER}\n${row}\n`);
      assert.equal((await tool(['batch', file, '--allow-round-accounts'], { env })).code, 0);
      assert.match(
        (await gaps(...ALL, '--zero-fill', '-')).stderr,
        /ampmeter batch - --allow-round-accounts\n/,
      );
    });
  });
});

describe('gaps --subscribers', () => {
  test('gives no advice of an upload', async () => {
    await onBench(async ({ upload, gaps }) => {
      await upload(users(3));
      for (const [text, pattern] of [
        ['[{}]', /help: save the list as CSV/],
        ['{}\n', /help: save the list as CSV/],
        ['PAR1', /help: save the list as CSV/],
        ['customer_aws_account_id,product_code,dimension\n', /help: an empty list/],
        ['a;b\n', /help: use --delimiter ';'/],
        ['customer_aws_account_id,dimension\n1,a\n', /help: the columns of subscribers are/],
      ] as const) {
        const { code, stderr } = await gaps('--subscribers', fileWith(text, 'who.csv'));
        assert.equal(code, 3, stderr);
        assert.match(stderr, pattern);
        assert.doesNotMatch(stderr, /\bjq |jsonl|--map|--allow-empty|--input-format|help csv/);
        assert.match(stderr, /next: +fix it and run the same command again; ampmeter gaps --help/);
      }
    });
  });

  const HEAD = 'customer_aws_account_id,product_code,dimensions,from,until';

  test('says who is to be billed, whatever the ledger has', async () => {
    await onBench(async ({ upload, gaps }) => {
      await upload(users(3), `${ago(2)},999999999999,,prodA,users,1`);
      const list = fileWith(
        `${HEAD}\n111122223333,prodA,users;gb,${ago(3)},\n444455556666,prodA,users,,${ago(5)}\n`,
        'who.csv',
      );
      const ended = await gaps('--subscribers', list, '-o', 'json');
      assert.equal(ended.code, 4, ended.stderr);
      const { gaps: listed, summary } = found(ended);
      assert.deepEqual(hoursIn(listed), ['users 6', 'gb 3', 'users 2', 'gb 2', 'users 1', 'gb 1']);
      assert.equal(summary['subscriptions'], 3);
      assert.equal(
        hoursIn(found(await gaps('--subscribers', list, '--dimension', 'gb', '-o', 'json')).gaps).length,
        3,
      );
    });
  });

  test('is filled by its zeros, also where product code and license stand for one usage', async () => {
    await onBench(async ({ env, upload, gaps }) => {
      await upload(users(3));
      const list = fileWith(
        `customer_aws_account_id,license_arn,product_code,dimension\n111122223333,,prodA,users\n` +
          `111122223333,${LICENSE},,users\n444455556666,,prodA,users\n`,
        'who.csv',
      );
      const zeros = join(newFolder(), 'zeros.csv');
      assert.equal((await gaps('--subscribers', list, ...ALL, '--zero-fill', zeros)).code, 4);
      const sent = await tool(['batch', zeros], { env });
      assert.equal(sent.code, 0, sent.stderr);
      assert.equal((await gaps('--subscribers', list)).code, 0);
    });
  });

  test('an hour of a license is no gap of the product code, although only that is asked about', async () => {
    await onBench(async ({ upload, gaps }) => {
      await upload(users(5), `${ago(3)},111122223333,${LICENSE},,users,9`);
      const asked = async (...flags: string[]): Promise<string[]> =>
        hoursIn(found(await gaps(...flags, '-o', 'json')).gaps);
      assert.deepEqual(await asked(), ['users 4', 'users 2', 'users 1']);
      assert.deepEqual(await asked('--product-code', 'prodA'), ['users 4']);
      assert.deepEqual(await asked('--licence', LICENSE), ['users 2', 'users 1']);
    });
  });

  test('reads standard input, and other delimiters', async () => {
    await onBench(async ({ env, upload }) => {
      await upload(users(3));
      const input = 'customer_aws_account_id\tproduct_code\tdimension\n111122223333\tprodA\tusers\n';
      const args = ['gaps', ...RANGE, '--subscribers', '-', '--delimiter', 'tab', '-o', 'json'];
      const ended = await tool(args, { env, input });
      assert.equal(found(ended).gaps.length, 5, ended.stderr);
    });
  });

  test('is refused as a whole when a row is wrong, with place and remedy, and nothing is written', async () => {
    await onBench(async ({ upload, gaps }) => {
      await upload(users(3));
      const list = fileWith(`${HEAD}\n12345,prodA,users,,\n111122223333,prodA,,soon,\n`, 'who.csv');
      const zeros = join(newFolder(), 'zeros.csv');
      const { code, stdout, stderr } = await gaps('--subscribers', list, ...ALL, '--zero-fill', zeros);
      assert.equal(code, 3);
      assert.equal(stdout, '');
      assert.equal(existsSync(zeros), false);
      assert.match(stderr, /who\.csv:2:1: error: account id must be exactly 12 digits/);
      assert.match(stderr, /who\.csv:3:\d+: error: this is not a time this tool can read/);
      assert.match(stderr, /error: the list of subscribers has 3 problems; no gaps were listed/);
      for (const [text, said] of [
        ['{}', /save the list as CSV/],
        [`${HEAD}\n`, /would hide every gap/],
        [`customer:product_code:dimension\n`, /--delimiter/],
      ] as const) {
        const wrong = await gaps('--subscribers', fileWith(text, 'who.csv'));
        assert.equal(wrong.code, 3);
        assert.match(wrong.stderr, said);
      }
      assert.equal((await gaps('--subscribers', join(newFolder(), 'none.csv'))).code, 3);
    });
  });
});

describe('gaps with wrong flags', () => {
  test('is rejected with what to do', async () => {
    await onBench(async ({ env, upload }) => {
      await upload(users(3));
      for (const [flags, said] of [
        [['--since', 'now'], /there is no completed hour between/],
        [['--lookback', '7'], /for example 36h or 7d/],
        [['--since', 'never'], /--since: this is not a time/],
        [['-o', 'xml'], /Allowed choices are table, json, jsonl, csv/],
      ] as const) {
        const { stderr } = await tool(['gaps', ...flags], { env });
        assert.match(stderr, said, flags.join(' '));
      }
    });
  });

  test('an hour counts when it lies whole before --until', async () => {
    await onBench(async ({ env, upload }) => {
      await upload(users(3));
      const half = ago(1).replace(':00:00Z', ':30:00Z');
      const ended = await tool(['gaps', '--since', ago(3), '--until', half, '-o', 'json'], { env });
      assert.deepEqual(hoursIn(found(ended).gaps), ['users 2']);
    });
  });
});
