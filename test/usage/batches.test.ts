import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BatchSize, fitsAlone, halves, intoBatches, requestGroupOf } from '../../src/usage/batches.ts';
import { LIMITS } from '../../src/usage/limits.ts';
import { identityMode, type UsageRecord } from '../../src/usage/record.ts';
import { sampled } from '../helpers/volume.ts';
import { LICENSE, sampleRecord, TEN } from './samples.ts';

type Item = { readonly record: UsageRecord; readonly bytes: number; readonly id: number };

/** Sizes as the test says them: a record weighs what its quantity says, the envelope 100 bytes and a comma each. */
const ENVELOPE = 100;
const size: BatchSize = {
  recordBytes: record => record.quantity,
  envelopeBytes: (_first, records) => ENVELOPE + records - 1,
};

const bytesOf = (batch: readonly Item[]): number =>
  batch.reduce((sum, item) => sum + item.bytes, 0) + ENVELOPE + batch.length - 1;

const MODES = {
  account: {},
  license: { licenseArn: LICENSE },
  customer: { customerAWSAccountId: undefined, customerIdentifier: 'ifAPi5AcF3' },
} as const;

const item = (id: number, bytes = 200, productCode = 'a', mode: keyof typeof MODES = 'account'): Item => ({
  id,
  bytes,
  record: sampleRecord({ quantity: bytes, productCode, ...MODES[mode] }),
});

const many = (count: number, bytes = 200): Item[] =>
  Array.from({ length: count }, (_, id) => item(id, bytes));

const LARGEST = LIMITS.requestBytes - 1 - ENVELOPE;

test('small records fill every request but the last', () => {
  for (const count of [0, 1, 24, 25, 26, 50, 51, 1000]) {
    const lengths = [...intoBatches(many(count), size)].map(batch => batch.length);
    assert.equal(lengths.length, Math.ceil(count / 25));
    assert.ok(lengths.slice(0, -1).every(length => length === 25));
  }
});

test('large records go with as many as stay below a megabyte', () => {
  const half = Math.floor((LIMITS.requestBytes - 1 - ENVELOPE - 1) / 2);
  assert.deepEqual(
    [...intoBatches(many(4, half), size)].map(batch => batch.length),
    [2, 2],
  );
  assert.deepEqual(
    [...intoBatches([item(0, half), item(1, half + 1)], size)].map(batch => batch.length),
    [1, 1],
  );
  assert.deepEqual(
    [...intoBatches(many(4, half + 1), size)].map(batch => batch.length),
    [1, 1, 1, 1],
  );
});

test('a record fits alone while its request is smaller than a megabyte', () => {
  assert.equal(fitsAlone(item(0, LARGEST).record, size), true);
  assert.equal(fitsAlone(item(0, LARGEST + 1).record, size), false);
});

test('one request has one product and one identity mode', () => {
  const companies = [
    item(0, 200, 'a'),
    item(1, 200, 'b'),
    item(2, 200, 'a', 'license'),
    item(3, 200, 'a', 'customer'),
    item(4, 200, 'b', 'license'),
  ];
  assert.equal(new Set(companies.map(({ record }) => requestGroupOf(record))).size, companies.length);
  assert.equal([...intoBatches(companies, size)].length, companies.length);
});

test('two licenses and two customers of one product travel together', () => {
  const one = sampleRecord({ licenseArn: LICENSE });
  const other = sampleRecord({ licenseArn: `${LICENSE}0`, customerAWSAccountId: '210987654321' });
  assert.equal(requestGroupOf(one), requestGroupOf(other));
});

const items = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 100, max: 500 }) },
        { weight: 2, arbitrary: fc.integer({ min: 10_000, max: 120_000 }) },
        { weight: 1, arbitrary: fc.integer({ min: 400_000, max: LARGEST }) },
      ),
      fc.constantFrom('a', 'b', 'c'),
      fc.constantFrom('account', 'license', 'customer'),
    ),
    { maxLength: 300, size: 'max' },
  )
  .map(list => list.map(([bytes, code, mode], id) => item(id, bytes, code, mode)));

test('nothing is lost, doubled or mixed, and no request is larger than AWS takes', () => {
  fc.assert(
    fc.property(items, records => {
      const batches = [...intoBatches(records, size)];
      assert.deepEqual(
        batches
          .flat()
          .map(({ id }) => id)
          .sort((a, b) => a - b),
        records.map(({ id }) => id),
      );
      for (const batch of batches) {
        assert.ok(batch.length >= 1 && batch.length <= 25);
        assert.ok(bytesOf(batch) < 1_000_000);
        assert.equal(new Set(batch.map(({ record }) => identityMode(record))).size, 1);
        assert.equal(new Set(batch.map(({ record }) => record.productCode)).size, 1);
        assert.deepEqual(
          batch.map(({ id }) => id),
          batch.map(({ id }) => id).sort((a, b) => a - b),
        );
      }
    }),
    { numRuns: sampled(300) },
  );
});

test('records of many products, small and interleaved, need no more requests than each product alone', () => {
  const mixed = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 1000, size: 'max' });
  fc.assert(
    fc.property(mixed, codes => {
      const batches = [
        ...intoBatches(
          codes.map((code, id) => item(id, 200, code)),
          size,
        ),
      ];
      const fewest = Object.values(Object.groupBy(codes, code => code))
        .map(group => Math.ceil((group?.length ?? 0) / 25))
        .reduce((sum, count) => sum + count, 0);
      assert.equal(batches.length, fewest);
    }),
    { numRuns: sampled(100) },
  );
});

test('a full batch leaves before the rest of the input is read', () => {
  let read = 0;
  function* endless(): Generator<Item> {
    for (;;) yield item(read++);
  }
  const batches = intoBatches(endless(), size);
  assert.equal(batches.next().value?.length, 25);
  assert.equal(read, 25);
});

test('the last batches leave in the order of their first records', () => {
  const heavy = LARGEST - 1000;
  const records = [item(0, heavy, 'a'), item(1, 200, 'b'), item(2, heavy, 'a'), item(3, 200, 'c')];
  assert.deepEqual(
    [...intoBatches(records, size)].map(batch => batch.map(({ id }) => id)),
    [[0], [1], [2], [3]],
  );
});

test('the few records of a small product do not wait behind all of a large one', () => {
  const records = [item(0, 200, 'small'), ...many(100_000).map(({ id }) => item(id + 1))];
  let before = 0;
  for (const batch of intoBatches(records, size)) {
    if (batch[0]?.id === 0) break;
    before += batch.length;
  }
  assert.ok(before <= 2000, `${before} records of the large product went first`);
});

test('a mixture costs few requests more than the fewest, and no batch waits long', () => {
  const records = Array.from({ length: 50_000 }, (_, id) => item(id, 200, id % 97 === 0 ? 'small' : 'large'));
  const batches = [...intoBatches(records, size)];
  assert.ok(batches.length <= (50_000 / 25) * 1.03, `${batches.length} requests`);
  let sent = 0;
  for (const batch of batches) {
    const first = batch[0]?.id ?? 0;
    assert.ok(sent - first <= 2000 + 25, `record ${first} left after ${sent} others`);
    sent += batch.length;
  }
});

test('records of many hours, soonest to expire first, leave in that order', () => {
  const records = Array.from({ length: 24 * 30 }, (_, id) => ({
    record: sampleRecord({ timestamp: TEN + Math.floor(id / 30) * 3600 }),
  }));
  const sent = [...intoBatches(records, size)].flat().map(({ record }) => record.timestamp);
  assert.deepEqual(
    sent,
    sent.toSorted((a, b) => a - b),
  );
});

test('halves keep every record, in order, and differ by one at most', () => {
  for (let count = 2; count <= 25; count++) {
    const records = Array.from({ length: count }, (_, id) => id);
    const [first, second] = halves(records);
    assert.deepEqual([...first, ...second], records);
    assert.ok(first.length - second.length === 0 || first.length - second.length === 1);
  }
});
