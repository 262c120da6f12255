import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { recordsAtHour, subscriptionsIn } from '../../../src/ledger/queries/subscriptions.ts';
import { LedgerReader } from '../../../src/ledger/reader.ts';
import type { Selection } from '../../../src/ledger/selection.ts';
import type { Status } from '../../../src/usage/outcome.ts';
import type { UsageRecord } from '../../../src/usage/record.ts';
import { unbilledHours } from '../../../src/usage/unbilled-hours.ts';
import { sampled } from '../../helpers/volume.ts';
import { NOW } from '../../helpers/world.ts';
import { LICENSE, sampleRecord, TEN } from '../../usage/samples.ts';
import { leftUnsent, newPath, uploaded, withLedger } from '../setup.ts';

const HOUR = 3600;
const at = (hour: number): number => TEN + hour * HOUR;

/** From hour 0 to hour 10; who was seen from hour -5 on. */
const RANGE = { since: TEN, until: at(10), seenSince: at(-5) };

type Entry = readonly [record: UsageRecord, status?: Status, region?: string];

const ledgerOf = (entries: readonly Entry[]): string => {
  const path = newPath();
  withLedger(path, ledger => {
    for (const [record, status = 'accepted', region = 'us-east-1'] of entries)
      uploaded(ledger, [record], () => status, { region });
  });
  return path;
};

/** Each as dimension and hours, such as `users 0-10`. */
const expected = (entries: readonly Entry[], selection: Selection = { endpoint: 'aws' }): string[] => {
  using reader = LedgerReader.open(ledgerOf(entries), NOW);
  return subscriptionsIn(reader, selection, RANGE)
    .map(({ dimension, from, until }) => `${dimension} ${(from - TEN) / HOUR}-${(until - TEN) / HOUR}`)
    .sort();
};

const users = (hour: number, different: Partial<UsageRecord> = {}): UsageRecord =>
  sampleRecord({ dimension: 'users', timestamp: at(hour), ...different });

describe('the subscriptions of a ledger', () => {
  const cases: readonly (readonly [what: string, entries: readonly Entry[], expected: readonly string[]])[] =
    [
      ['seen before the range: in all of it', [[users(-2)]], ['users 0-10']],
      ['seen first in the range: from then on', [[users(3)], [users(7)]], ['users 3-10']],
      ['seen last before the look back: no subscription', [[users(-6)]], []],
      ['seen in the first hour of the look back', [[users(-5)]], ['users 0-10']],
      ['seen only after the range: no subscription', [[users(10)]], []],
      ['a refusal alone: no subscription', [[users(3), 'refused']], []],
      ['not subscribed, and nothing else: no subscription', [[users(3), 'not-subscribed']], []],
      ['not subscribed at last: until that hour', [[users(0)], [users(4), 'not-subscribed']], ['users 0-5']],
      [
        'not subscribed several times: until the first',
        [[users(0)], [users(4), 'not-subscribed'], [users(6), 'not-subscribed']],
        ['users 0-5'],
      ],
      [
        'not subscribed, and then billed again: to the end',
        [[users(0)], [users(4), 'not-subscribed'], [users(6)]],
        ['users 0-10'],
      ],
      ['not subscribed before the range: no subscription', [[users(-3)], [users(-2), 'not-subscribed']], []],
      ['an unknown record makes a customer', [[users(3), 'unknown']], ['users 3-10']],
      ['each dimension alone', [[users(3)], [users(5, { dimension: 'gb' })]], ['gb 5-10', 'users 3-10']],
      ['two Regions are one', [[users(3)], [users(5), 'accepted', 'us-west-2']], ['users 3-10']],
    ];
  for (const [what, entries, subscriptions] of cases) {
    test(what, () => assert.deepEqual(expected(entries), subscriptions));
  }

  test('an account that AWS does not know is no customer because its row was submitted again, too late', () => {
    const path = newPath();
    withLedger(path, ledger => uploaded(ledger, [users(0, { dimension: 'gb' })]));
    leftUnsent(path, users(1), { status: 'not-subscribed', quantity: 1 });
    using reader = LedgerReader.open(path, new Date(at(30) * 1000));
    assert.deepEqual(
      subscriptionsIn(reader, { endpoint: 'aws' }, RANGE).map(({ dimension }) => dimension),
      ['gb'],
    );
    assert.deepEqual(
      [...recordsAtHour(reader, { endpoint: 'aws' })(at(1))].map(({ status }) => status),
      ['not-subscribed'],
    );
  });

  test('a record that was planned and not sent in time makes a customer, and its hour is not billed', () => {
    const path = newPath();
    leftUnsent(path, users(3));
    using reader = LedgerReader.open(path, new Date(at(30) * 1000));
    assert.equal(subscriptionsIn(reader, { endpoint: 'aws' }, RANGE).length, 1);
    assert.deepEqual(
      [...recordsAtHour(reader, { endpoint: 'aws' })(at(3))].map(({ status }) => status),
      ['expired'],
    );
  });

  test('a license has the product code that any of its records names', () => {
    const path = ledgerOf([
      [users(1, { licenseArn: LICENSE, productCode: undefined })],
      [users(2, { licenseArn: LICENSE, productCode: 'prod-a' }), 'accepted', 'us-west-2'],
    ]);
    using reader = LedgerReader.open(path, NOW);
    assert.deepEqual(subscriptionsIn(reader, {}, RANGE), [
      {
        customerAWSAccountId: '123456789012',
        licenseArn: LICENSE,
        customerIdentifier: undefined,
        productCode: 'prod-a',
        dimension: 'users',
        from: at(1),
        until: at(10),
      },
    ]);
  });

  test('only those that are selected', () => {
    const entries: Entry[] = [[users(1)], [users(2, { dimension: 'gb', productCode: 'prod-b' })]];
    assert.deepEqual(expected(entries, { dimension: 'gb' }), ['gb 2-10']);
    assert.deepEqual(expected(entries, { productCode: 'prod-b' }), ['gb 2-10']);
    assert.deepEqual(expected(entries, { customer: '999999999999' }), []);
    assert.deepEqual(expected(entries, { endpoint: 'http://127.0.0.1:1/' }), []);
    assert.deepEqual(expected(entries, { region: 'us-west-2' }), []);
  });
});

test('the records of an hour are those of every Region of the endpoint, and of no other endpoint', () => {
  const path = ledgerOf([
    [users(1)],
    [users(1, { dimension: 'west' }), 'refused', 'us-west-2'],
    [users(2, { dimension: 'later' })],
  ]);
  withLedger(path, ledger =>
    uploaded(ledger, [users(1, { dimension: 'elsewhere' })], () => 'accepted', {
      endpoint: 'http://127.0.0.1:1/',
    }),
  );
  using reader = LedgerReader.open(path, NOW);
  const hour = recordsAtHour(reader, { endpoint: 'aws', region: 'us-east-1' });
  assert.deepEqual(
    [...hour(at(1))].map(({ dimension, status }) => [dimension, status]),
    [
      ['users', 'accepted'],
      ['west', 'refused'],
    ],
  );
  assert.deepEqual([...hour(at(0))], []);
});

test('from any ledger, gaps are the hours between that it has no billed record of', () => {
  const RECORD = fc
    .record({
      hour: fc.integer({ min: -8, max: 12 }),
      customerAWSAccountId: fc.constantFrom('111122223333', '444455556666'),
      dimension: fc.constantFrom('users', 'gb'),
      status: fc.constantFrom<Status>('accepted', 'unknown', 'refused', 'duplicate', 'not-subscribed'),
    })
    .map(({ hour, status, ...who }) => ({ hour, status, record: users(hour, who) }));
  const records = fc.uniqueArray(RECORD, {
    maxLength: 40,
    selector: ({ record }) => `${record.timestamp} ${record.customerAWSAccountId} ${record.dimension}`,
  });
  fc.assert(
    fc.property(records, entries => {
      const path = newPath();
      withLedger(path, ledger => {
        const statuses = new Map(entries.map(({ record, status }) => [record, status]));
        if (entries.length > 0)
          uploaded(
            ledger,
            entries.map(({ record }) => record),
            record =>
              [...statuses].find(
                ([one]) =>
                  one.timestamp === record.timestamp &&
                  one.dimension === record.dimension &&
                  one.customerAWSAccountId === record.customerAWSAccountId,
              )?.[1],
          );
      });
      using reader = LedgerReader.open(path, NOW);
      const who = subscriptionsIn(reader, { endpoint: 'aws' }, RANGE);
      const hours = Array.from({ length: 10 }, (_, hour) => at(hour));
      const gaps = [...unbilledHours(hours, who, recordsAtHour(reader, { endpoint: 'aws' }))].map(
        ({ subscription, timestamp }) =>
          `${subscription.customerAWSAccountId} ${subscription.dimension} ${(timestamp - TEN) / HOUR}`,
      );
      assert.deepEqual(gaps.sort(), naive(entries).sort());
    }),
    { numRuns: sampled(60) },
  );
});

type Simple = { readonly hour: number; readonly status: Status; readonly record: UsageRecord };

const naive = (entries: readonly Simple[]): string[] => {
  const nameOf = ({ record }: Simple): string => `${record.customerAWSAccountId} ${record.dimension}`;
  return [...new Set(entries.map(nameOf))].flatMap(name => {
    const own = entries.filter(one => nameOf(one) === name && one.hour >= -5 && one.hour < 10);
    const seen = own.filter(({ status }) => status !== 'refused' && status !== 'not-subscribed');
    if (seen.length === 0) return [];
    const first = Math.min(...seen.map(({ hour }) => hour));
    const last = Math.max(...seen.map(({ hour }) => hour));
    const gone = own.filter(({ hour, status }) => status === 'not-subscribed' && hour > last);
    const end = Math.min(9, ...gone.map(({ hour }) => hour));
    const gaps: string[] = [];
    for (let hour = Math.max(first, 0); hour <= end; hour += 1)
      if (!own.some(one => one.hour === hour && (one.status === 'accepted' || one.status === 'duplicate')))
        gaps.push(`${name} ${hour}`);
    return gaps;
  });
};
