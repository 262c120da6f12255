import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { STATUSES, type Status } from '../../src/usage/outcome.ts';
import {
  gapDeadlineOf,
  type HourRecord,
  runsOf,
  type Subscription,
  unbilledHours,
} from '../../src/usage/unbilled-hours.ts';
import { sampled } from '../helpers/volume.ts';
import { LICENSE, TEN } from './samples.ts';

const HOUR = 3600;
const HOURS = Array.from({ length: 12 }, (_, index) => TEN + index * HOUR);
const [FIRST = 0] = HOURS;
const END = TEN + HOURS.length * HOUR;

const identity = {
  customerAWSAccountId: '111122223333',
  licenseArn: undefined,
  customerIdentifier: undefined,
  productCode: 'prod-a',
  dimension: 'users',
} as const;

const subscription = (different: Partial<Subscription> = {}): Subscription => ({
  ...identity,
  from: FIRST,
  until: END,
  ...different,
});

type At = HourRecord & { readonly timestamp: number };

const record = (hour: number, status: Status, different: Partial<HourRecord> = {}): At => ({
  ...identity,
  ...different,
  status,
  timestamp: TEN + hour * HOUR,
});

const recordsAt =
  (records: readonly At[]) =>
  (hour: number): At[] =>
    records.filter(({ timestamp }) => timestamp === hour);

/** Each as its hour and what was tried, such as `3 refused`. */
const found = (subscriptions: readonly Subscription[], records: readonly At[], hours = HOURS): string[] =>
  [...unbilledHours(hours, subscriptions, recordsAt(records))].map(
    ({ timestamp, status }) => `${(timestamp - TEN) / HOUR}${status === undefined ? '' : ` ${status}`}`,
  );

describe('an hour', () => {
  const rest = ['2', '3', '4', '5', '6', '7', '8', '9', '10', '11'];
  for (const status of ['accepted', 'already-recorded', 'duplicate'] as const) {
    test(`with a record that is ${status} is no gap`, () => {
      assert.deepEqual(found([subscription()], [record(0, status), record(1, status)]), rest);
    });
  }
  for (const status of STATUSES.filter(one => !['accepted', 'already-recorded', 'duplicate'].includes(one))) {
    test(`with a record that is ${status} is told with it`, () => {
      assert.deepEqual(found([subscription()], [record(0, status), record(1, 'accepted')]), [
        `0 ${status}`,
        ...rest,
      ]);
    });
  }
  test('with a refusal and a success, in two Regions, is no gap', () => {
    const one = subscription({ until: TEN + HOUR });
    assert.deepEqual(found([one], [record(0, 'refused'), record(0, 'accepted')]), []);
    assert.deepEqual(found([one], [record(0, 'refused'), record(0, 'unknown')]), ['0 unknown']);
  });
  test('outside of the subscription is no gap', () => {
    assert.deepEqual(found([subscription({ from: TEN + 2 * HOUR, until: TEN + 4 * HOUR })], []), ['2', '3']);
  });
  test('of another dimension, product, customer or license does not count', () => {
    const one = subscription({ until: TEN + HOUR });
    for (const different of [
      { dimension: 'gb' },
      { productCode: 'prod-b' },
      { customerAWSAccountId: '999999999999' },
      { customerAWSAccountId: undefined, customerIdentifier: '111122223333' },
      { licenseArn: LICENSE, productCode: 'prod-b' },
    ])
      assert.deepEqual(found([one], [record(0, 'accepted', different)]), ['0'], JSON.stringify(different));
    const licensed = subscription({ until: TEN + HOUR, licenseArn: LICENSE });
    assert.deepEqual(found([licensed], [record(0, 'accepted', { licenseArn: `${LICENSE}2` })]), ['0']);
  });
  test('comes in the order that is asked for', () => {
    assert.deepEqual(found([subscription()], [], [...HOURS.slice(8), ...HOURS.slice(0, 2)]), [
      '8',
      '9',
      '10',
      '11',
      '0',
      '1',
    ]);
  });
});

describe('a license and a product code of one usage', () => {
  const licensed = { licenseArn: LICENSE, productCode: undefined };
  const until = TEN + 3 * HOUR;
  test('stand for each other, because AWS would bill both', () => {
    assert.deepEqual(found([subscription({ until })], [record(0, 'accepted', licensed)]), ['1', '2']);
    assert.deepEqual(found([subscription({ until, ...licensed })], [record(1, 'accepted')]), ['0', '2']);
  });
  test('are one gap, with the license, from its first hour on', () => {
    const both = [subscription({ until }), subscription({ until, from: TEN + HOUR, ...licensed })];
    const gaps = [...unbilledHours(HOURS, both, recordsAt([]))];
    assert.deepEqual(
      gaps.map(({ subscription: { licenseArn }, timestamp }) => [(timestamp - TEN) / HOUR, licenseArn]),
      [
        [0, undefined],
        [1, LICENSE],
        [2, LICENSE],
      ],
    );
  });
  test('are two usages when the products differ', () => {
    const other = { licenseArn: LICENSE, productCode: 'prod-b' };
    const both = [subscription({ until }), subscription({ until, ...other })];
    assert.deepEqual(found(both, [record(0, 'accepted', other)]), ['0', '1', '1', '2', '2']);
  });
});

const IDENTITY = fc.record({
  customerAWSAccountId: fc.constantFrom('111122223333', '444455556666'),
  licenseArn: fc.constant(undefined),
  customerIdentifier: fc.constant(undefined),
  productCode: fc.constantFrom('prod-a', 'prod-b'),
  dimension: fc.constantFrom('users', 'gb'),
});

const nameOf = (of: HourRecord | Subscription): string =>
  `${of.customerAWSAccountId} ${of.productCode} ${of.dimension}`;

test('gaps are the hours of each subscription that no record is found for, whatever there is', () => {
  const hour = fc.integer({ min: 0, max: HOURS.length });
  const subscriptions = fc.uniqueArray(
    fc.record({ of: IDENTITY, from: hour, until: hour }).map(({ of, from, until }) => ({
      ...of,
      from: TEN + from * HOUR,
      until: TEN + until * HOUR,
    })),
    { selector: nameOf },
  );
  const records = fc.array(
    fc
      .record({ of: IDENTITY, at: hour, status: fc.constantFrom(...STATUSES) })
      .map(({ of, at, status }): At => ({ ...of, status, timestamp: TEN + at * HOUR })),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(subscriptions, records, (who, what) => {
      const taken = new Set(
        what
          .filter(({ status }) => ['accepted', 'already-recorded', 'duplicate'].includes(status))
          .map(one => `${nameOf(one)} ${one.timestamp}`),
      );
      const expected = who.flatMap(one =>
        HOURS.filter(at => one.from <= at && at < one.until)
          .map(at => `${nameOf(one)} ${at}`)
          .filter(name => !taken.has(name)),
      );
      const gaps = [...unbilledHours(HOURS, who, recordsAt(what))];
      assert.deepEqual(
        gaps.map(gap => `${nameOf(gap.subscription)} ${gap.timestamp}`).sort(),
        expected.sort(),
      );
      const times = gaps.map(({ timestamp }) => timestamp);
      assert.deepEqual(times, times.toSorted());
    }),
    { numRuns: sampled(500) },
  );
});

describe('hours that follow each other', () => {
  const a = subscription();
  const b = subscription({ dimension: 'gb' });
  const gap = (of: Subscription, hour: number, status?: Status) => ({
    subscription: of,
    timestamp: TEN + hour * HOUR,
    status,
  });
  const shown = (gaps: Parameters<typeof runsOf>[0]): string[] =>
    runsOf(gaps).map(
      ({ subscription: { dimension }, first, last, hours, status }) =>
        `${dimension} ${(first - TEN) / HOUR}-${(last - TEN) / HOUR} ${hours} ${status ?? '-'}`,
    );

  test('are one line for each subscription and kind', () => {
    assert.deepEqual(
      shown([gap(a, 0), gap(b, 0), gap(a, 1), gap(b, 1, 'refused'), gap(a, 3), gap(a, 4, 'unknown')]),
      ['users 0-1 2 -', 'gb 0-0 1 -', 'gb 1-1 1 refused', 'users 3-3 1 -', 'users 4-4 1 unknown'],
    );
  });
  test('are not joined where the order turns back to what is too late', () => {
    assert.deepEqual(shown([gap(a, 5), gap(a, 6), gap(a, 4)]), ['users 5-6 2 -', 'users 4-4 1 -']);
  });
  test('say every hour once, whatever the gaps', () => {
    const gaps = fc.uniqueArray(
      fc.record({
        of: fc.constantFrom(a, b),
        hour: fc.integer({ min: 0, max: 20 }),
        status: fc.constantFrom(undefined, 'refused' as const),
      }),
      { selector: ({ of, hour }) => `${of.dimension} ${hour}` },
    );
    fc.assert(
      fc.property(gaps, all => {
        const ordered = all.toSorted((x, y) => x.hour - y.hour);
        const again = runsOf(ordered.map(({ of, hour, status }) => gap(of, hour, status))).flatMap(
          ({ subscription: { dimension }, first, last, status, hours }) => {
            const each = Array.from(
              { length: (last - first) / HOUR + 1 },
              (_, index) => `${dimension} ${(first - TEN) / HOUR + index} ${status}`,
            );
            assert.equal(each.length, hours);
            return each;
          },
        );
        assert.deepEqual(
          again.sort(),
          ordered.map(({ of, hour, status }) => `${of.dimension} ${hour} ${status}`).sort(),
        );
      }),
    );
  });
});

test('the hours of an agreement that has ended close with its last hour, if that is earlier', () => {
  const day = 24 * HOUR * 1000;
  const deadline = (closesMs?: number): number =>
    gapDeadlineOf({ subscription: subscription({ closesMs }), timestamp: TEN }) - TEN * 1000;
  assert.deepEqual([deadline(), deadline(TEN * 1000 + 5), deadline(TEN * 1000 + 2 * day)], [day, 5, day]);
});
