import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type GroupBy, groupsIn, type TotalsGroup, totalsOf } from '../../../src/ledger/queries/totals.ts';
import { LedgerReader } from '../../../src/ledger/reader.ts';
import type { Selection } from '../../../src/ledger/selection.ts';
import { decimalOf, decimalText } from '../../../src/usage/decimal.ts';
import { isBilled, type Status } from '../../../src/usage/outcome.ts';
import { type UsageRecord, usedOf } from '../../../src/usage/record.ts';
import { sampled } from '../../helpers/volume.ts';
import { NOW } from '../../helpers/world.ts';
import { LICENSE, sampleRecord, TEN } from '../../usage/samples.ts';
import { leftUnsent, newPath, uploaded, withLedger } from '../setup.ts';

const BYS: readonly GroupBy[] = ['hour', 'day', 'customer', 'dimension', 'product'];

/** In two Regions, so that groups are made of several destinations. */
const ledgerOf = (records: readonly UsageRecord[], statusOf: (record: UsageRecord) => Status): string => {
  const path = newPath();
  withLedger(path, ledger => {
    for (const region of ['us-east-1', 'us-west-2']) {
      const here = records.filter(({ quantity }) => (quantity % 2 === 0) === (region === 'us-east-1'));
      if (here.length > 0) uploaded(ledger, here, statusOf, { region });
    }
  });
  return path;
};

const groupsOf = (path: string, selection: Selection, by: GroupBy, now = NOW): TotalsGroup[] => {
  using reader = LedgerReader.open(path, now);
  return groupsIn(reader, selection, by);
};

/** The same, one record after the other. */
const naive = (
  records: readonly UsageRecord[],
  statusOf: (record: UsageRecord) => Status,
  by: GroupBy,
): TotalsGroup[] => {
  const groups = new Map<string, TotalsGroup>();
  for (const record of records) {
    const start =
      by === 'hour'
        ? record.timestamp
        : by === 'day'
          ? Date.parse(`${new Date(record.timestamp * 1000).toISOString().slice(0, 10)}T00:00:00Z`) / 1000
          : undefined;
    const customer =
      by === 'customer' ? (record.customerAWSAccountId ?? record.customerIdentifier) : undefined;
    const { productCode, dimension } = record;
    const key = JSON.stringify([start, customer, productCode, dimension]);
    const status = statusOf(record);
    const group: TotalsGroup = groups.get(key) ?? {
      start,
      customer,
      productCode,
      dimension,
      records: 0,
      quantity: 0,
      billed: 0,
      used: 0n,
      balance: undefined,
      counts: {},
    };
    groups.set(key, group);
    group.records += 1;
    group.quantity += record.quantity;
    group.used += usedOf(record);
    if (isBilled(status)) group.billed += record.quantity;
    group.counts[status] = (group.counts[status] ?? 0) + 1;
  }
  return [...groups.values()];
};

const inAnyOrder = (groups: readonly TotalsGroup[]): string[] =>
  groups
    .map(({ counts, used, balance, ...group }) =>
      JSON.stringify([group, String(used), String(balance), Object.entries(counts).sort()]),
    )
    .sort();

const RECORD = fc
  .record({
    hour: fc.integer({ min: 0, max: 60 }),
    who: fc.constantFrom('111122223333', '444455556666', 'legacy'),
    dimension: fc.constantFrom('users', 'gb'),
    productCode: fc.constantFrom('prod-a', 'prod-b'),
    licensed: fc.constantFrom('no', 'with', 'without'),
    quantity: fc.integer({ min: 0, max: 2_147_483_647 }),
    isRounded: fc.boolean(),
  })
  .map(({ hour, who, dimension, productCode, licensed, quantity, isRounded }) => {
    const isLegacy = who === 'legacy';
    const isLicensed = licensed !== 'no' && !isLegacy;
    return sampleRecord({
      timestamp: TEN + hour * 3600,
      dimension,
      quantity,
      ...(isRounded && quantity > 0 && { used: `${quantity - 1}.123456789012345678` }),
      customerAWSAccountId: isLegacy ? undefined : who,
      customerIdentifier: isLegacy ? who : undefined,
      licenseArn: isLicensed ? `${LICENSE}${productCode}${licensed}` : undefined,
      productCode: isLicensed && licensed === 'without' ? undefined : productCode,
    });
  });

/** Of one customer, hour and dimension only one record: others would be conflicts. */
const RECORDS = fc.uniqueArray(RECORD, {
  minLength: 1,
  maxLength: 60,
  selector: ({ timestamp, customerAWSAccountId, customerIdentifier, dimension }) =>
    `${timestamp} ${customerAWSAccountId} ${customerIdentifier} ${dimension}`,
});

const ANSWERS: readonly Status[] = ['accepted', 'duplicate', 'refused', 'not-subscribed', 'accepted'];
const statusOf = ({ quantity }: UsageRecord): Status => ANSWERS[quantity % ANSWERS.length] ?? 'accepted';

test('groups equal the sums of the records, whatever the ledger contains', () => {
  fc.assert(
    fc.property(
      RECORDS,
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 1, max: 60 }),
      (records, from, hours) => {
        const path = ledgerOf(records, statusOf);
        const since = TEN + from * 3600;
        const until = since + hours * 3600;
        const inRange = records.filter(({ timestamp }) => since <= timestamp && timestamp < until);
        for (const by of BYS) {
          assert.deepEqual(inAnyOrder(groupsOf(path, {}, by)), inAnyOrder(naive(records, statusOf, by)), by);
          assert.deepEqual(
            inAnyOrder(groupsOf(path, { endpoint: 'aws', since, until }, by)),
            inAnyOrder(naive(inRange, statusOf, by)),
            `${by} in a range`,
          );
        }
      },
    ),
    { numRuns: sampled(25) },
  );
});

test('groups equal the sums of the records at any time, whatever was planned again and not sent', () => {
  const days = fc.integer({ min: -30, max: 100 });
  fc.assert(
    fc.property(
      RECORDS,
      fc.array(fc.nat(7), { minLength: 60, maxLength: 60 }),
      days,
      (records, again, hours) => {
        const path = ledgerOf(records, statusOf);
        const left = records.flatMap((record, index) => {
          const by = again[index] ?? 0;
          return by < 3 ? [{ ...record, quantity: by === 0 ? record.quantity : by }] : [];
        });
        withLedger(path, ledger => uploaded(ledger, left, () => 'unsent', { files: ['again.csv'] }));
        const now = new Date(NOW.getTime() + hours * 3_600_000);
        using reader = LedgerReader.open(path, now);
        const known = [...reader.records({})];
        const outcomes = new Map(known.map(({ record, outcome: { status } }) => [record, status] as const));
        for (const by of BYS) {
          const added = naive([...outcomes.keys()], record => outcomes.get(record) ?? 'invalid', by);
          assert.deepEqual(inAnyOrder(groupsIn(reader, {}, by)), inAnyOrder(added), by);
          for (const status of ['expired', 'unsent', 'refused', 'not-subscribed'] as const) {
            const some = [...outcomes.keys()].filter(record => outcomes.get(record) === status);
            assert.deepEqual(
              inAnyOrder(groupsIn(reader, { statuses: [status] }, by)),
              inAnyOrder(naive(some, () => status, by)),
              `${by} of ${status}`,
            );
          }
        }
      },
    ),
    { numRuns: sampled(25) },
  );
});

describe('groups', () => {
  test('come in the order of their keys', () => {
    const path = ledgerOf(
      [3, 1, 2].flatMap(hour =>
        ['b', 'a'].map(dimension =>
          sampleRecord({ timestamp: TEN + hour * 3600, dimension, quantity: hour }),
        ),
      ),
      () => 'accepted',
    );
    assert.deepEqual(
      groupsOf(path, {}, 'hour').map(({ start, dimension }) => [(start ?? 0) - TEN, dimension]),
      [1, 2, 3].flatMap(hour => ['a', 'b'].map(dimension => [hour * 3600, dimension])),
    );
  });

  test('separate dimensions with one name of two products', () => {
    const records = ['prod-a', 'prod-b'].map((productCode, index) =>
      sampleRecord({ productCode, timestamp: TEN + index * 3600, quantity: 2 }),
    );
    const groups = groupsOf(
      ledgerOf(records, () => 'accepted'),
      {},
      'dimension',
    );
    assert.deepEqual(
      groups.map(({ productCode, quantity }) => [productCode, quantity]),
      [
        ['prod-a', 2],
        ['prod-b', 2],
      ],
    );
  });

  test('what is planned or sent without an answer is counted as unsent or unknown', () => {
    const path = newPath();
    withLedger(path, ledger => uploaded(ledger, [sampleRecord()], () => undefined));
    assert.deepEqual(
      groupsOf(path, {}, 'day').map(({ counts, billed }) => [counts, billed]),
      [[{ unknown: 1 }, 0]],
    );
  });

  test('what was not sent in time is counted as expired, or as AWS answered to the quantity of then', () => {
    const path = newPath();
    leftUnsent(path, sampleRecord({ dimension: 'b', quantity: 5 }), { status: 'refused', quantity: 7 });
    leftUnsent(path, sampleRecord({ dimension: 'a', quantity: 5 }));
    const countsAt = (now: Date) =>
      groupsOf(path, {}, 'dimension', now).map(({ counts, quantity }) => [counts, quantity]);
    assert.deepEqual(countsAt(NOW), [
      [{ unsent: 1 }, 5],
      [{ unsent: 1 }, 5],
    ]);
    assert.deepEqual(countsAt(new Date((TEN + 24 * 3600) * 1000)), [
      [{ expired: 1 }, 5],
      [{ refused: 1 }, 7],
    ]);
  });

  test('have the balance of the records that carry and are billed or may be', () => {
    const hour = (hours: number): number => TEN - hours * 3600;
    const carrying = (used: string, hours: number, dimension: string) =>
      sampleRecord({ used, quantity: 0, carriedIn: '0', timestamp: hour(hours), dimension });
    const records = [
      carrying('0.7', 3, 'a'),
      carrying('0.6', 2, 'a'),
      carrying('0.9', 3, 'refused'),
      carrying('0.2', 3, 'unknown'),
      sampleRecord({ timestamp: hour(3), dimension: 'whole' }),
    ];
    const path = newPath();
    withLedger(path, ledger =>
      uploaded(ledger, records, ({ dimension }) =>
        dimension === 'refused' ? 'refused' : dimension === 'unknown' ? undefined : 'accepted',
      ),
    );
    const groups = groupsOf(path, {}, 'hour');
    assert.deepEqual(
      groups.map(({ start, dimension, used, quantity, balance }) => [
        start,
        dimension,
        decimalText(used),
        quantity,
        balance === undefined ? undefined : decimalText(balance),
      ]),
      [
        [hour(3), 'a', '0.7', 0, '0.7'],
        [hour(3), 'refused', '0.9', 0, '0'],
        [hour(3), 'unknown', '0.2', 0, '0.2'],
        [hour(3), 'whole', '42', 42, undefined],
        [hour(2), 'a', '0.6', 1, '-0.4'],
      ],
    );
    const total = totalsOf(groups).find(({ dimension }) => dimension === 'a');
    assert.deepEqual([total?.used, total?.quantity, total?.balance], [decimalOf('1.3'), 1, decimalOf('0.3')]);
  });

  test('totals are the groups of all, for each dimension of each product', () => {
    fc.assert(
      fc.property(RECORDS, fc.constantFrom(...BYS), (records, by) => {
        const totals = totalsOf(naive(records, statusOf, by)).map(total => ({
          start: undefined,
          customer: undefined,
          ...total,
        }));
        assert.deepEqual(inAnyOrder(totals), inAnyOrder(naive(records, statusOf, 'dimension')));
      }),
    );
  });

  test('an empty ledger has none', () => {
    const path = newPath();
    withLedger(path, () => {});
    for (const by of BYS) assert.deepEqual(groupsOf(path, {}, by), []);
  });
});
