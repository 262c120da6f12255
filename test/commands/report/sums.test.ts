import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { gapsIn, knownSince, noAmounts } from '../../../src/commands/report/gaps.ts';
import { reportSums } from '../../../src/commands/report/sums.ts';
import { pointsIn } from '../../../src/ledger/queries/points.ts';
import { recordsAtHour, subscriptionsIn } from '../../../src/ledger/queries/subscriptions.ts';
import { LedgerReader } from '../../../src/ledger/reader.ts';
import type { Selection } from '../../../src/ledger/selection.ts';
import type { Gaps } from '../../../src/render/html/gap-spans.ts';
import { type ReportModel, reportModel } from '../../../src/render/html/model.ts';
import { customerOf } from '../../../src/usage/key.ts';
import type { Status } from '../../../src/usage/outcome.ts';
import type { UsageRecord } from '../../../src/usage/record.ts';
import { unbilledHours } from '../../../src/usage/unbilled-hours.ts';
import { sampled } from '../../helpers/volume.ts';
import { leftUnsent, newPath, uploaded, withLedger } from '../../ledger/setup.ts';
import { LICENSE, sampleRecord, TEN } from '../../usage/samples.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Everything is over, and nothing can be billed any more. */
const LATER = new Date((TEN + 40 * DAY) * 1000);

/** The page as from every record on its own, and as from the sums. */
const modelsOf = (path: string, range: Pick<Selection, 'since' | 'until'>, endedBefore: number) => {
  const reader = LedgerReader.open(path, LATER);
  try {
    return modelsIn(reader, range, endedBefore);
  } finally {
    // `using` would be shorter, but Node 22 cannot parse it.
    reader[Symbol.dispose]();
  }
};

const modelsIn = (reader: LedgerReader, range: Pick<Selection, 'since' | 'until'>, endedBefore: number) => {
  const selection: Selection = { endpoint: 'aws', ...range };
  const slowGaps: Gaps = first => {
    const since = range.since ?? first;
    if (since === undefined || since >= endedBefore) return undefined;
    const hours = Array.from({ length: (endedBefore - since) / HOUR }, (_, place) => since + place * HOUR);
    const all = subscriptionsIn(reader, selection, {
      since,
      until: endedBefore,
      seenSince: knownSince(since),
    });
    const found = [...unbilledHours(hours, all, recordsAtHour(reader, selection))].filter(
      ({ status }) => status !== 'unknown',
    );
    return {
      since: undefined,
      hours: found.map(({ subscription, timestamp, status }) => ({
        timestamp,
        customer: customerOf(subscription),
        product: subscription.productCode,
        dimension: subscription.dimension,
        tried: status !== undefined,
      })),
    };
  };
  const slow = reportModel(() => pointsIn(reader, selection), slowGaps);
  const { sums, points, summed } = reportSums(reader, selection, endedBefore);
  const parts = { reader, sums, selection, since: range.since, until: endedBefore };
  const gaps = gapsIn({ ...parts, agreed: undefined, now: LATER }, noAmounts());
  return [slow, reportModel(points, gaps, summed)] as const;
};

/** Without what depends on the order in which equal records were read. */
const plain = (model: ReportModel) => ({
  ...model,
  outcomes: new Map([...model.outcomes].sort()),
  rows: model.rows.map(({ hours, ...row }) => ({ ...row, hours: new Map([...hours].sort()) })),
});

const STATUSES: readonly (Status | undefined)[] = [
  'accepted',
  'accepted',
  'accepted',
  'already-recorded',
  'duplicate',
  'refused',
  'not-subscribed',
  'conflict',
  'expired',
  undefined,
];

type Made = { readonly record: UsageRecord; readonly status: Status | undefined; readonly region: string };

const made = fc.record({
  hour: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 400 })),
  customer: fc.integer({ min: 1, max: 30 }),
  offering: fc.constantFrom('p', 'q', 'license', 'license of q'),
  dimension: fc.constantFrom('users', 'gb'),
  quantity: fc.integer({ min: 0, max: 9 }),
  status: fc.constantFrom(...STATUSES),
  region: fc.constantFrom('us-east-1', 'us-east-1', 'eu-west-1'),
});

const ledgerOf = (all: readonly Made[]): string => {
  const path = newPath();
  withLedger(path, ledger => {
    for (const region of ['us-east-1', 'eu-west-1']) {
      const own = all.filter(one => one.region === region);
      const statusOf = new Map(own.map(({ record, status }) => [keyFor(record), status]));
      uploaded(
        ledger,
        own.map(({ record }) => record),
        record => statusOf.get(keyFor(record)),
        { region },
      );
    }
  });
  return path;
};

const keyFor = ({
  timestamp,
  customerAWSAccountId,
  licenseArn,
  productCode,
  dimension,
}: UsageRecord): string =>
  [timestamp, customerAWSAccountId, licenseArn, licenseArn ? '' : productCode, dimension].join();

/** Of several records of one key, the last. */
const unique = (all: readonly Made[]): Made[] => [
  ...new Map(all.map(one => [keyFor(one.record), one])).values(),
];

/** A customer who is billed for all hours but some. */
const nearlyAll = (missing: readonly number[]): Made[] =>
  Array.from({ length: 300 }, (_, hour) => hour)
    .filter(hour => !missing.includes(hour))
    .map(hour => ({
      record: sampleRecord({
        timestamp: TEN + hour * HOUR,
        customerAWSAccountId: '999900000000',
        quantity: hour,
      }),
      status: 'accepted',
      region: 'us-east-1',
    }));

describe('the page from sums of days is the page from all records', () => {
  test('for any records and range', () => {
    fc.assert(
      fc.property(
        fc.array(made, { maxLength: 60 }),
        fc.array(fc.integer({ min: 0, max: 299 }), { maxLength: 5 }),
        fc.option(fc.integer({ min: -30, max: 300 }), { nil: undefined }),
        fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
        (records, missing, since, length) => {
          const some = records.map(({ hour, customer, offering, dimension, quantity, status, region }) => ({
            record: sampleRecord({
              timestamp: TEN + hour * HOUR,
              customerAWSAccountId: String(111_100_000_000 + customer),
              licenseArn: offering.startsWith('license') ? LICENSE : undefined,
              productCode: offering === 'license' ? undefined : offering.at(-1),
              dimension,
              quantity,
            }),
            status,
            region,
          }));
          const path = ledgerOf(unique([...nearlyAll(missing), ...some]));
          const from = since === undefined ? undefined : TEN + since * HOUR;
          const until = length === undefined ? undefined : (from ?? TEN) + length * HOUR;
          const ended = Math.min(until ?? TEN + 500 * HOUR, TEN + 500 * HOUR);
          const [slow, fast] = modelsOf(path, { since: from, until }, ended);
          assert.deepEqual(plain(fast), plain(slow));
        },
      ),
      { numRuns: sampled(40) },
    );
  });

  test('also where a run that was too late leaves an earlier reply', () => {
    const path = newPath();
    const of = (dimension: string): UsageRecord => sampleRecord({ dimension, quantity: 5 });
    leftUnsent(path, of('b'), { status: 'refused', quantity: 7 });
    leftUnsent(path, of('a'));
    leftUnsent(path, of('c'), { status: 'not-subscribed' });
    const [slow, fast] = modelsOf(path, {}, TEN + 200 * HOUR);
    assert.deepEqual(plain(fast), plain(slow));
  });

  test('with the products of a customer apart', () => {
    const of = (productCode: string, quantity: number): Made => ({
      record: sampleRecord({ productCode, quantity }),
      status: 'accepted',
      region: 'us-east-1',
    });
    const [slow, fast] = modelsOf(ledgerOf([of('p', 1), of('q', 2)]), {}, TEN + 10 * HOUR);
    assert.deepEqual(fast.dimensions.map(({ product, quantity }) => [product, quantity]).sort(), [
      ['p', 1],
      ['q', 2],
    ]);
    assert.deepEqual(plain(fast), plain(slow));
  });

  const of = (hour: number, different: Partial<UsageRecord> = {}, status: Status = 'accepted'): Made => ({
    record: sampleRecord({ timestamp: TEN + hour * HOUR, ...different }),
    status,
    region: 'us-east-1',
  });

  test('with the hour in which a subscription ended', () => {
    const ended = [3, 7, 9].map(hour => of(hour, {}, 'not-subscribed'));
    const [slow, fast] = modelsOf(ledgerOf([of(0), of(5), ...ended]), {}, TEN + 60 * HOUR);
    // Hours 1 to 4, 6 and 7.
    assert.equal(fast.gaps, 6);
    assert.deepEqual(plain(fast), plain(slow));
  });

  test('with a complete product of a customer and dimension, and one that is not', () => {
    const hours = Array.from({ length: 60 }, (_, hour) => hour);
    const other = { licenseArn: LICENSE, productCode: 'other' };
    const made = [...hours.map(hour => of(hour)), of(0, other), of(59, other)];
    const [slow, fast] = modelsOf(ledgerOf(made), {}, TEN + 60 * HOUR);
    assert.equal(fast.gaps, 58);
    assert.deepEqual(plain(fast), plain(slow));
  });
});
