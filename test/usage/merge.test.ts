import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tagSetOf } from '../../src/usage/allocations.ts';
import type { CheckedUsage } from '../../src/usage/check.ts';
import { type MergeMode, mergeRows } from '../../src/usage/merge.ts';
import type { Tag, UsageRecord } from '../../src/usage/record.ts';
import { sampled } from '../helpers/volume.ts';
import { LICENSE, sampleRecord } from './samples.ts';

const MAX = 2_147_483_647;
const IT: readonly Tag[] = [{ key: 'Dept', value: 'IT' }];
const HR: readonly Tag[] = [{ key: 'Dept', value: 'HR' }];

type Rows = readonly [CheckedUsage, ...CheckedUsage[]];

const row = (
  quantity: number,
  tags?: readonly Tag[],
  line = 2,
  different: Partial<UsageRecord> = {},
): CheckedUsage => ({
  place: { file: 'usage.csv', line },
  record: sampleRecord({ quantity, ...different }),
  tags,
});

const recordOf = (rows: Rows, mode: MergeMode): UsageRecord | undefined => {
  const merged = mergeRows(rows, mode);
  return merged.ok ? merged.planned.record : undefined;
};

const messageOf = (rows: Rows, mode: MergeMode): string => {
  const merged = mergeRows(rows, mode);
  return merged.ok ? 'merged' : `${merged.message} / ${merged.help ?? ''}`;
};

for (const mode of ['none', 'sum'] as const) {
  test(`--merge ${mode}: a row alone is its record`, () => {
    assert.deepEqual(recordOf([row(7)], mode), sampleRecord({ quantity: 7 }));
  });

  test(`--merge ${mode}: a row with allocations of its own is its record`, () => {
    const usageAllocations = [{ allocatedUsageQuantity: 7, tags: IT }];
    assert.deepEqual(
      recordOf([row(7, undefined, 2, { usageAllocations })], mode),
      sampleRecord({ quantity: 7, usageAllocations }),
    );
  });

  test(`--merge ${mode}: a row with tags is a record with one allocation`, () => {
    assert.deepEqual(
      recordOf([row(7, IT)], mode),
      sampleRecord({ quantity: 7, usageAllocations: [{ allocatedUsageQuantity: 7, tags: IT }] }),
    );
  });

  test(`--merge ${mode}: rows with different tags, and one without, are one record`, () => {
    assert.deepEqual(
      recordOf([row(7, IT), row(3), row(5, HR)], mode),
      sampleRecord({
        quantity: 15,
        usageAllocations: [
          { allocatedUsageQuantity: 3, tags: undefined },
          { allocatedUsageQuantity: 5, tags: HR },
          { allocatedUsageQuantity: 7, tags: IT },
        ],
      }),
    );
  });

  test(`--merge ${mode}: two rows with allocations of their own are refused`, () => {
    const own = row(7, undefined, 2, { usageAllocations: [{ allocatedUsageQuantity: 7, tags: IT }] });
    assert.match(messageOf([own, own], mode), /^rows with usage_allocations .* combine them into one row$/);
    assert.match(messageOf([own, row(1)], mode), /^rows with usage_allocations/);
    assert.match(messageOf([row(1, HR), own], mode), /^rows with usage_allocations/);
  });

  test(`--merge ${mode}: tagged rows that exceed what AWS takes together are refused`, () => {
    assert.match(
      messageOf([row(MAX, IT), row(1, HR)], mode),
      /^the rows add up to 2147483648; AWS accepts at most 2147483647/,
    );
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'].map(key => row(1, [{ key, value: '1' }])) as [
      CheckedUsage,
      ...CheckedUsage[],
    ];
    assert.match(messageOf(keys, mode), /^6 different tag keys/);
  });

  test(`--merge ${mode}: one license for two products is refused, in either order`, () => {
    const a = row(1, IT, 2, { licenseArn: LICENSE, productCode: 'a' });
    const b = row(1, HR, 3, { licenseArn: LICENSE, productCode: 'b' });
    assert.match(messageOf([a, b], mode), /^rows with one license ARN and different product codes/);
    assert.match(messageOf([b, a], mode), /^rows with one license ARN and different product codes/);
  });
}

test('two rows of one key are refused and both are named, be their quantities equal or not', () => {
  for (const quantity of [7, 8]) {
    const merged = mergeRows([row(7, undefined, 12), row(quantity, undefined, 40)], 'none');
    assert.ok(!merged.ok);
    assert.equal(merged.message, 'the same customer, dimension and hour more than once');
    assert.match(merged.help ?? '', /--merge sum/);
    assert.deepEqual(merged.places, [
      { file: 'usage.csv', line: 12 },
      { file: 'usage.csv', line: 40 },
    ]);
  }
});

test('two rows of one key and the same tags are refused', () => {
  const swapped = [
    { key: 'Env', value: 'prod' },
    { key: 'Dept', value: 'IT' },
  ];
  assert.match(messageOf([row(1, IT), row(1, IT)], 'none'), /with the same tags more than once/);
  assert.match(messageOf([row(1, swapped), row(1, swapped.toReversed())], 'none'), /with the same tags/);
});

test('--merge sum adds up exactly, and refuses what AWS does not take', () => {
  assert.equal(recordOf([row(MAX - 1), row(1)], 'sum')?.quantity, MAX);
  assert.match(messageOf([row(MAX), row(1)], 'sum'), /^the rows add up to 2147483648/);
  assert.match(messageOf([row(MAX, IT), row(MAX, IT)], 'sum'), /^the rows add up to 4294967294/);
});

test('a product code that only some rows of a license name is kept', () => {
  const named = row(1, undefined, 2, { licenseArn: LICENSE, productCode: 'a' });
  const silent = row(2, undefined, 3, { licenseArn: LICENSE, productCode: undefined });
  assert.equal(recordOf([named, silent], 'sum')?.productCode, 'a');
  assert.equal(recordOf([silent, named], 'sum')?.productCode, 'a');
});

test('a record names the rows that make it up, in the order of the input', () => {
  const merged = mergeRows([row(1, undefined, 9), row(2, undefined, 3), row(3, undefined, 5)], 'sum');
  assert.deepEqual(merged.ok && merged.planned.rows.map(place => place.line), [9, 3, 5]);
});

const tagSets = fc.constantFrom(undefined, IT, HR, [...IT, { key: 'Env', value: 'prod' }]);
const someRows = fc
  .array(fc.tuple(fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: MAX })), tagSets), {
    minLength: 1,
    maxLength: 12,
  })
  .map(
    list =>
      list.map(([quantity, tags], index) => row(quantity, tags, index + 2)) as [
        CheckedUsage,
        ...CheckedUsage[],
      ],
  );

test('a merged record carries the exact sum, whole and by tags', () => {
  fc.assert(
    fc.property(someRows, rows => {
      const sums = new Map<string, bigint>();
      for (const { record, tags } of rows) {
        sums.set(tagSetOf(tags), (sums.get(tagSetOf(tags)) ?? 0n) + BigInt(record.quantity));
      }
      const total = [...sums.values()].reduce((a, b) => a + b);
      const record = recordOf(rows, 'sum');
      assert.equal(record !== undefined, total <= BigInt(MAX));
      if (record === undefined) return;
      assert.equal(BigInt(record.quantity), total);
      const parts = record.usageAllocations ?? [{ allocatedUsageQuantity: record.quantity, tags: undefined }];
      assert.deepEqual(
        new Map(parts.map(part => [tagSetOf(part.tags), BigInt(part.allocatedUsageQuantity)])),
        sums,
      );
    }),
    { numRuns: sampled(2000) },
  );
});

test('the order of the rows, and of the tags in them, does not change the record', () => {
  const twoOrders = someRows.chain(rows =>
    fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }), fc.boolean()),
  );
  fc.assert(
    fc.property(twoOrders, fc.constantFrom('none', 'sum'), ([rows, others, turn], mode) => {
      const turned = others.map(({ tags, ...rest }) => ({ ...rest, tags: turn ? tags?.toReversed() : tags }));
      assert.equal(
        JSON.stringify(recordOf(turned as unknown as Rows, mode)),
        JSON.stringify(recordOf(rows, mode)),
      );
    }),
    { numRuns: sampled(2000) },
  );
});

const fraction = (used: string, tags: readonly Tag[] | undefined, line: number): CheckedUsage =>
  row(0, tags, line, { used });

const ROUNDED = [
  ['up', 2, [1, 1]],
  ['down', 1, [0, 1]],
  ['nearest', 1, [0, 1]],
  ['carry', 1, [0, 1]],
] as const;

for (const [round, quantity, parts] of ROUNDED) {
  test(`--round ${round} rounds the sum of the rows, and their parts add up to it`, () => {
    const tagged: Rows = [fraction('0.4', IT, 2), fraction('0.4', HR, 3), fraction('0.4', IT, 4)];
    for (const rows of [tagged, tagged.toReversed() as unknown as Rows]) {
      const merged = mergeRows(rows, 'sum', round);
      assert.ok(merged.ok);
      const { record } = merged.planned;
      assert.deepEqual([record.quantity, record.used], [quantity, '1.2']);
      assert.deepEqual(
        record.usageAllocations?.map(part => [part.tags?.[0]?.value, part.allocatedUsageQuantity]),
        [
          ['HR', parts[0]],
          ['IT', parts[1]],
        ],
      );
    }
    const plain: Rows = [fraction('0.4', undefined, 2), fraction('0.8', undefined, 3)];
    const merged = mergeRows(plain, 'sum', round);
    assert.deepEqual(merged.ok && [merged.planned.record.quantity, merged.planned.record.used], [
      quantity,
      '1.2',
    ]);
    assert.match(messageOf(plain, 'none'), /more than once/);
  });
}

test('fractions that add up to whole units are whole', () => {
  const merged = mergeRows([fraction('0.5', IT, 2), fraction('1.5', HR, 3)], 'none', 'up');
  assert.ok(merged.ok);
  assert.deepEqual([merged.planned.record.quantity, merged.planned.record.used], [2, undefined]);
});
