import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SHIFTS_CLOCK, toolHere as tool } from '../helpers/in-process.ts';
import { clock, newFolder, withEmulator } from '../helpers/tool.ts';

const license = (name: string): string => `arn:aws:license-manager::123456789012:license:l-${name}`;

/** Ann has two licenses, Cat a private offer with fewer dimensions. */
const [ANN, BEN, CAT] = ['111111111111', '222222222222', '333333333333'] as const;

const agreement = (customer: string, name: string, more: object = {}): object => ({
  product: 'product',
  customer,
  licenseArn: license(name),
  start: '2026-11-01',
  ...more,
});

const FIRST = agreement(ANN, 'ann-1');
const SECOND = agreement(ANN, 'ann-2');
const PRIVATE = agreement(CAT, 'cat', { prices: [{ dimension: 'gb', price: '0.5' }] });
const NEW = agreement(BEN, 'ben', { start: '2026-11-10T09:30:00Z' });
const CANCELED = agreement(ANN, 'ann-2', { end: '2026-11-20T12:20:00Z' });

const catalog = (...agreements: readonly object[]): object => ({
  products: [{ code: 'product', dimensions: ['gb', 'users'], created: '2026-06-02' }],
  customers: [ANN, BEN, CAT].map(account => ({ account })),
  agreements,
});

test('on each day of a month, the list of subscribers and of gaps is right', async () => {
  let shift = 0;
  await withEmulator(
    async (emulator, there) => {
      const folder = newFolder();
      const setTime = (text: string, ...agreements: readonly object[]): void => {
        shift = Date.parse(text) - clock.now();
        emulator.setCatalog(catalog(...agreements));
      };
      const run = async (code: number, ...args: readonly string[]): Promise<string> => {
        emulator.reset();
        const env = {
          ...there,
          AMPMETER_LEDGER: join(folder, 'ledger.db'),
          NODE_OPTIONS: SHIFTS_CLOCK,
          CLOCK_OFFSET_MS: String(shift),
        };
        const ended = await tool(args, { cwd: folder, env });
        assert.equal(ended.code, code, `${args.join(' ')}\n${ended.stderr}`);
        return ended.stdout;
      };
      /** Each as the end of its license, its dimensions and its deadline. */
      const subscribers = async (...args: readonly string[]): Promise<string[]> => {
        const text = await run(0, 'subscribers', '--no-ledger', ...args, '-o', 'json');
        const found = JSON.parse(text) as {
          subscribers: { LicenseArn: string; dimensions: string[]; deadline?: string }[];
        };
        return found.subscribers.map(one =>
          [one.LicenseArn.replace(/.*l-/, ''), one.dimensions.join('+'), one.deadline ?? ''].join(' ').trim(),
        );
      };
      const range = (since: string, until: string): string[] => ['--since', since, '--until', until];
      /** The number of gaps of each license. */
      const gaps = async (since: string, until: string): Promise<Record<string, number>> => {
        const text = await run(4, 'gaps', '--agreements', ...range(since, until), '-o', 'json');
        const found = JSON.parse(text) as { gaps: { LicenseArn: string }[] };
        const names = found.gaps.map(one => one.LicenseArn.replace(/.*l-/, ''));
        return Object.fromEntries(
          [...Map.groupBy(names, name => name)].map(([name, all]) => [name, all.length]).sort(),
        );
      };
      /** Of each gap of a license: its deadline, and whether it can be billed. */
      const deadlines = async (name: string, since: string, until: string) => {
        const text = await run(4, 'gaps', '--agreements', ...range(since, until), '-o', 'json');
        const found = JSON.parse(text) as {
          gaps: { LicenseArn: string; deadline: string; billable: boolean }[];
        };
        return found.gaps
          .filter(one => one.LicenseArn === license(name))
          .map(one => [one.deadline, one.billable] as const);
      };

      // The 3rd. Nothing was ever sent for Cat, and only one hour of the others.
      setTime('2026-11-03T10:10:00Z', FIRST, SECOND, PRIVATE);
      assert.deepEqual(await subscribers(), ['ann-1 gb+users', 'ann-2 gb+users', 'cat gb']);
      const rows = ['ann-1', 'ann-2'].flatMap(name =>
        ['gb', 'users'].map(dimension => `2026-11-03T09:00:00Z,${ANN},${license(name)},${dimension},7`),
      );
      const header = 'timestamp,customer_aws_account_id,license_arn,dimension,quantity';
      writeFileSync(join(folder, 'usage.csv'), `${[header, ...rows].join('\n')}\n`);
      await run(0, 'batch', 'usage.csv', '--check-dimensions=error');
      assert.deepEqual(await gaps('2026-11-03T08:00:00Z', '2026-11-03T10:00:00Z'), {
        'ann-1': 2,
        'ann-2': 2,
        cat: 2,
      });

      // The 10th. Ben has subscribed forty minutes ago, in an hour that counts.
      setTime('2026-11-10T10:10:00Z', FIRST, SECOND, PRIVATE, NEW);
      assert.deepEqual(await subscribers(), ['ann-1 gb+users', 'ann-2 gb+users', 'ben gb+users', 'cat gb']);
      assert.deepEqual(await gaps('2026-11-10T08:00:00Z', '2026-11-10T10:00:00Z'), {
        'ann-1': 4,
        'ann-2': 4,
        ben: 2,
        cat: 2,
      });

      // The 20th. Ann has canceled one of her licenses: its last hour is open.
      setTime('2026-11-20T12:40:00Z', FIRST, CANCELED, PRIVATE, NEW);
      const last = 'ann-2 gb+users 2026-11-20T13:20:00Z';
      assert.deepEqual(await subscribers('--ended-since', '1h'), [last]);
      assert.deepEqual(await subscribers(), ['ann-1 gb+users', last, 'ben gb+users', 'cat gb']);

      // Half an hour later, the hour of the cancellation is over, and can be billed for ten more minutes.
      setTime('2026-11-20T13:10:00Z', FIRST, CANCELED, PRIVATE, NEW);
      const noon = ['2026-11-20T12:00:00Z', '2026-11-20T13:00:00Z'] as const;
      const closing = ['2026-11-20T13:20:00Z', true] as const;
      assert.deepEqual(await deadlines('ann-2', ...noon), [closing, closing]);
      const open = ['2026-11-21T12:00:00Z', true] as const;
      assert.deepEqual(await deadlines('ann-1', ...noon), [open, open]);

      // Two hours after the cancellation it is closed.
      setTime('2026-11-20T14:10:00Z', FIRST, CANCELED, PRIVATE, NEW);
      assert.deepEqual(await subscribers('--ended-since', '1h'), []);
      assert.deepEqual(await subscribers(), ['ann-1 gb+users', 'ben gb+users', 'cat gb']);
      const closed = ['2026-11-20T13:20:00Z', false] as const;
      assert.deepEqual(await deadlines('ann-2', ...noon), [closed, closed]);
      const late = `2026-11-20T12:00:00Z,${ANN},${license('ann-2')},gb,0`;
      writeFileSync(join(folder, 'late.csv'), `${header}\n${late}\n`);
      await run(4, 'batch', 'late.csv', '--no-rejects');
      const afternoon = ['2026-11-20T12:00:00Z', '2026-11-20T14:00:00Z'] as const;
      assert.deepEqual(await gaps(...afternoon), { 'ann-1': 4, 'ann-2': 2, ben: 4, cat: 2 });
      await run(0, 'report', '--html', 'page.html', '--agreements', ...range(...afternoon));
      assert.match(readFileSync(join(folder, 'page.html'), 'utf8'), /data-glance="gaps">12</);

      // The next day, nobody asks for it any more.
      setTime('2026-11-21T10:10:00Z', FIRST, CANCELED, PRIVATE, NEW);
      assert.deepEqual(await gaps('2026-11-21T09:00:00Z', '2026-11-21T10:00:00Z'), {
        'ann-1': 2,
        ben: 2,
        cat: 1,
      });
    },
    { now: () => new Date(clock.now() + shift) },
  );
});
