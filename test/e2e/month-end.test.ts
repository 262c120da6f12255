import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { SHIFTS_CLOCK, toolHere as tool } from '../helpers/in-process.ts';
import { clock, type Ended, newFolder, patience, type ToolOptions, withEmulator } from '../helpers/tool.ts';
import { csvOf, rowsOf } from '../torture/cron/csv-text.ts';

const HOUR = 3_600_000;
const LICENSE = 'arn:aws:license-manager::123456789012:license:l-month-end';
const HEADER = 'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity';

type Customer = { readonly account: string; readonly license: string; readonly product: string };

const ANN: Customer = { account: '111122223333', license: '', product: 'product' };
const BEN: Customer = { account: '444455556666', license: LICENSE, product: '' };
const CAT: Customer = { account: '777788889999', license: '', product: 'product' };
const ALL = [ANN, BEN, CAT];

/** What the marketplace knows; Cat has no agreement before she signs one. */
const catalog = (agreements: readonly Customer[]): object => ({
  products: [{ code: 'product', dimensions: ['users', 'gb'] }],
  customers: ALL.map(({ account }) => ({ account })),
  agreements: agreements.map(({ account, license }) => ({
    product: 'product',
    customer: account,
    ...(license !== '' && { licenseArn: license }),
    start: '2026-11-01',
  })),
});

/** One item of usage, and what becomes of it in the end. */
type Usage = {
  readonly hour: number;
  readonly customer: Customer;
  readonly dimension: string;
  readonly quantity: number;
  fate: 'billed' | 'expired' | 'not-subscribed' | 'duplicate';
};

const at = (text: string): number => Date.parse(text);
const hourText = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

const nameOf = ({ hour, customer, dimension }: Pick<Usage, 'hour' | 'customer' | 'dimension'>): string =>
  `${hourText(hour)} ${customer.account} ${dimension}`;

const rowOf = ({ hour, customer: { account, license, product }, dimension, quantity }: Usage): string =>
  [hourText(hour), account, license, product, dimension, quantity].join(',');

/** The account that nobody but this test keeps. */
const accountBook = () => {
  const entries: Usage[] = [];
  return {
    entries,
    add: (hour: number, customer: Customer, dimension = 'users', fate: Usage['fate'] = 'billed'): Usage => {
      const usage = { hour, customer, dimension, quantity: 101 + entries.length, fate };
      entries.push(usage);
      return usage;
    },
    with: (fate: Usage['fate']): Usage[] => entries.filter(usage => usage.fate === fate),
  };
};

type Reported = { readonly status: string; readonly name: string; readonly quantity: number };

/** What a run says of each record, with `-o jsonl`. */
const reportedIn = ({ stdout }: Pick<Ended, 'stdout'>): Reported[] =>
  stdout
    .split('\n')
    .filter(line => line.startsWith('{"type":"outcome"') && line.includes('"Dimension"'))
    .map(line => JSON.parse(line))
    .map(({ status, Timestamp, CustomerAWSAccountId, Dimension, Quantity }) => ({
      status,
      name: `${Timestamp} ${CustomerAWSAccountId} ${Dimension}`,
      quantity: Number(Quantity),
    }));

const billedIn = (emulator: Emulator): string[] =>
  emulator
    .records()
    .map(
      record =>
        `${hourText(record.Timestamp * 1000)} ${record.CustomerAWSAccountId} ${record.Dimension} ${record.Quantity}`,
    )
    .sort();

/** The rows that are not billed, as somebody reads them in the files of rejects. */
const rejectsIn = (folder: string): Record<string, string>[] =>
  readdirSync(folder)
    .filter(name => name.includes('.rejected'))
    .flatMap(name => rowsOf(readFileSync(join(folder, name), 'utf8')));

test('a month ends in an outage, and each hour is billed once, or its end is told once', async () => {
  let now = at('2026-11-30T18:10:00Z');
  let shift = now - clock.now();
  let onPost: (() => void) | undefined;
  const emulated = {
    now: () => new Date(clock.now() + shift),
    catalog: catalog([ANN, BEN]),
    onRequest: ({ method, path }: { readonly method: string; readonly path: string }) => {
      if (method === 'POST' && path === '/') onPost?.();
    },
  };
  await withEmulator(async (emulator, there) => {
    const folder = newFolder();
    const book = accountBook();
    const reported: Reported[] = [];
    let ahead = 0;

    const setTime = (ms: number): void => {
      now = ms;
      shift = ms - clock.now();
    };
    const run = async (args: readonly string[], { env = {}, ...options }: ToolOptions = {}): Promise<Ended> =>
      tool(args, {
        cwd: folder,
        env: {
          ...there,
          AMPMETER_LEDGER: join(folder, 'ledger.db'),
          NODE_OPTIONS: SHIFTS_CLOCK,
          CLOCK_OFFSET_MS: String(shift + ahead),
          ...env,
        },
        ...options,
      });
    const batch = async (
      code: number | null,
      files: readonly string[],
      options: ToolOptions = {},
    ): Promise<Ended> => {
      const flags = files.length === 0 ? [] : ['--skip-invalid'];
      const ended = await run(['batch', ...files, ...flags, '-o', 'jsonl', ...patience(emulator)], options);
      assert.equal(ended.code, code, `${hourText(now)} ${files}\n${ended.stderr}`);
      reported.push(...reportedIn(ended));
      return ended;
    };
    /** The hour's file is written over the last one. */
    const write = (usages: readonly Usage[], ...others: readonly string[]): void =>
      writeFileSync(join(folder, 'usage.csv'), [HEADER, ...usages.map(rowOf), ...others, ''].join('\n'));
    const lastHour = (): number => Math.floor(now / HOUR) * HOUR - HOUR;
    const usageOfAll = (): Usage[] => ALL.map(customer => book.add(lastHour(), customer));
    /** Ten minutes past the next hour, as cron's table says. */
    const nextHour = (): void => setTime(now + HOUR);
    const faults = (...names: readonly string[]): void => void emulator.setFaults({ faults: names });
    const posted = (): Promise<void> =>
      new Promise(resolve => {
        onPost = resolve;
      });

    // 18:10. Cat has no agreement yet.
    write(usageOfAll());
    await batch(4, ['usage.csv']);

    // 19:10. Rows come late: of the morning, and of yesterday.
    nextHour();
    write([
      ...usageOfAll(),
      book.add(at('2026-11-30T06:00:00Z'), ANN, 'gb'),
      book.add(at('2026-11-29T19:00:00Z'), ANN, 'gb', 'expired'),
    ]);
    await batch(4, ['usage.csv']);

    // 20:10, 21:10. Nobody answers, and cron goes on.
    faults('error503:1');
    for (const _ of [20, 21]) {
      nextHour();
      write(usageOfAll());
      await batch(5, ['usage.csv']);
    }

    // 22:10. All is well again; and Cat has signed, with a date in the past.
    faults();
    emulator.setCatalog(catalog(ALL));
    nextHour();
    write(usageOfAll());
    await batch(0, ['usage.csv']);
    const unsubscribed = rejectsIn(folder).filter(({ reason }) => reason?.startsWith('not-subscribed'));
    assert.equal(unsubscribed.length, 2);
    writeFileSync(join(folder, 'cat.csv'), csvOf(Object.keys(unsubscribed[0] ?? {}), unsubscribed));
    await batch(0, ['cat.csv']);

    // 23:10. The run is killed with a request under way.
    nextHour();
    write(usageOfAll());
    faults('slow:1@60000');
    await batch(null, ['usage.csv'], { stop: { signal: 'SIGKILL', when: posted() } });

    // 00:10. Two runs at once; the killed one's records are sent by the first.
    nextHour();
    write(usageOfAll());
    faults('slow:1@1000');
    const isOver = Promise.withResolvers<void>();
    const stop = [
      { signal: 'SIGSTOP', when: posted() },
      { signal: 'SIGCONT', when: isOver.promise },
    ] as const;
    const first = batch(0, ['usage.csv'], { stop });
    await stop[0].when;
    await batch(8, ['usage.csv'], { ownProcess: true }).finally(isOver.resolve);
    await first;
    faults();

    // 01:10. One row is nonsense, one has a dimension that does not exist; both are put right an hour later.
    nextHour();
    const [nonsense, mistyped] = [book.add(lastHour(), ANN, 'gb'), book.add(lastHour(), CAT, 'gb')];
    const wrong = [rowOf(nonsense).replace(/\d+$/, 'oops'), rowOf(mistyped).replace(',gb,', ',gigabytes,')];
    write(usageOfAll(), ...wrong);
    await batch(4, ['usage.csv']);

    // 02:10. The credentials have expired.
    nextHour();
    faults('expired-credentials:1');
    write(usageOfAll());
    await batch(6, ['usage.csv']);
    faults();
    const rejected = rejectsIn(folder).filter(({ timestamp }) => timestamp === hourText(nonsense.hour));
    assert.deepEqual(
      rejected.map(({ reason }) => reason?.split(':')[0]),
      ['invalid', 'refused'],
    );
    const corrected = [
      { ...rejected[0], quantity: String(nonsense.quantity) },
      { ...rejected[1], dimension: 'gb' },
    ];
    writeFileSync(join(folder, 'corrected.csv'), csvOf(Object.keys(rejected[0] ?? {}), corrected));
    await batch(0, ['corrected.csv']);

    // 03:10. The machine believes that November is over for good.
    nextHour();
    ahead = 3 * HOUR;
    write([...usageOfAll(), book.add(at('2026-11-30T10:00:00Z'), BEN, 'gb')]);
    await batch(0, ['usage.csv']);
    ahead = 0;

    // 04:10, 05:10. Nobody is let through, with rows of November still to come.
    faults('throttle:1');
    for (const hour of ['2026-11-30T20:00:00Z', '2026-11-30T21:00:00Z']) {
      nextHour();
      write([...usageOfAll(), book.add(at(hour), ANN, 'gb')]);
      await batch(5, ['usage.csv']);
    }

    // 05:50. In the last minutes of the month all that is open gets through,
    setTime(at('2026-12-01T05:50:00Z'));
    faults();
    await batch(0, []);
    // but for a row that comes in an outage right after,
    setTime(at('2026-12-01T05:58:00Z'));
    faults('throttle:1');
    writeFileSync(
      join(folder, 'late.csv'),
      [HEADER, rowOf(book.add(at('2026-11-30T22:00:00Z'), ANN, 'gb', 'expired')), ''].join('\n'),
    );
    await batch(5, ['late.csv']);
    faults();

    // 06:10. and one that comes when November is over, though it is a few hours old. December's first hours are open.
    setTime(at('2026-12-01T06:10:00Z'));
    write([
      ...usageOfAll(),
      book.add(at('2026-11-30T23:00:00Z'), ANN, 'gb', 'expired'),
      book.add(at('2026-12-01T00:00:00Z'), BEN, 'gb'),
    ]);
    await batch(4, ['usage.csv']);

    // 07:10. Another program bills Ann's hour first, and the answer to us is lost.
    nextHour();
    const usages = usageOfAll();
    const theirs = join(newFolder(), 'theirs.csv');
    const annsHour = book.entries.find(
      ({ customer, hour }) => customer === ANN && hour === lastHour(),
    ) as Usage;
    annsHour.fate = 'duplicate';
    writeFileSync(theirs, [HEADER, rowOf({ ...annsHour, quantity: 5000 }), ''].join('\n'));
    assert.equal((await run(['batch', theirs, '--ledger', `${theirs}.db`])).code, 0);
    write(usages);
    emulator.setFaults({ next: 'reset-after' });
    await batch(4, ['usage.csv']);

    // 08:10, 09:10, 10:10. Peace; and an answer that is lost once more.
    for (const next of ['ok', 'reset-after', 'ok']) {
      nextHour();
      write(usageOfAll());
      emulator.setFaults({ next });
      await batch(0, ['usage.csv']);
    }
    const { stderr } = await batch(0, []);
    assert.match(stderr, /no open records/);

    // Each usage is billed once, under its hour, with its quantity.
    const expected = [
      ...book.with('billed').map(usage => `${nameOf(usage)} ${usage.quantity}`),
      `${nameOf(annsHour)} 5000`,
    ].sort();
    assert.deepEqual(billedIn(emulator), expected);

    // What is not billed is told once.
    for (const usage of book.entries.filter(({ fate }) => fate !== 'billed')) {
      const ends = reported
        .filter(({ name, status }) => name === nameOf(usage) && !['unsent', 'unknown'].includes(status))
        .map(({ status }) => status);
      assert.deepEqual(ends, [usage.fate], nameOf(usage));
    }
    const history = await run(['history', '--since', '2026-11-29', '-o', 'jsonl']);
    const known = history.stdout
      .split('\n')
      .filter(line => line.includes('"Dimension"'))
      .map(line => JSON.parse(line))
      .map(({ Timestamp, CustomerAWSAccountId, Dimension, status }) =>
        [Timestamp, CustomerAWSAccountId, Dimension, status].join(' '),
      );
    assert.deepEqual(
      known.sort(),
      [
        ...book.entries.map(usage => `${nameOf(usage)} ${usage.fate === 'billed' ? 'accepted' : usage.fate}`),
        `${nameOf(mistyped).replace(/gb$/, 'gigabytes')} refused`,
      ].sort(),
    );

    // The hours that lack a record are those of the account.
    const subscribers = join(newFolder(), 'subscribers.csv');
    writeFileSync(
      subscribers,
      [
        'customer_aws_account_id,license_arn,product_code,dimensions',
        ...ALL.map(({ account, license, product }) => `${account},${license},${product},users;gb`),
        '',
      ].join('\n'),
    );
    const [from, until] = [at('2026-11-30T17:00:00Z'), at('2026-12-01T10:00:00Z')];
    const range = ['--since', hourText(from), '--until', hourText(until)];
    const gaps = await run(['gaps', '--subscribers', subscribers, ...range, '-o', 'json']);
    assert.equal(gaps.code, 4, gaps.stderr);
    const missing: string[] = [];
    for (let hour = from; hour < until; hour += HOUR)
      for (const customer of ALL)
        for (const dimension of ['users', 'gb']) {
          const name = nameOf({ hour, customer, dimension });
          if (!expected.some(line => line.startsWith(`${name} `)))
            missing.push(`${name} ${hour < at('2026-12-01T00:00:00Z') ? 'too late' : 'open'}`);
        }
    assert.deepEqual(
      JSON.parse(gaps.stdout)
        .gaps.map(({ Timestamp, CustomerAWSAccountId, Dimension, billable }: Record<string, unknown>) =>
          [Timestamp, CustomerAWSAccountId, Dimension, billable ? 'open' : 'too late'].join(' '),
        )
        .sort(),
      missing.sort(),
    );

    // CloudTrail says the same, but for what the other program did.
    setTime(now + HOUR);
    const reconciled = await run(['reconcile', '--settle', '--since', '2026-11-29', '-o', 'json']);
    const { summary, differences, open } = JSON.parse(reconciled.stdout);
    assert.equal(reconciled.code, 4, reconciled.stderr);
    assert.deepEqual(
      differences.map(({ kind, Timestamp }: Record<string, unknown>) => `${kind} ${Timestamp}`),
      [`different-quantity ${hourText(annsHour.hour)}`],
    );
    assert.deepEqual(open, []);
    assert.equal(summary.agreed, book.with('billed').length + 1, 'and the refusal');
  }, emulated);
});
