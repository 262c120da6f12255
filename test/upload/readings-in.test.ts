import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readingsIn } from '../../src/upload/readings-in.ts';
import type { CheckOptions } from '../../src/usage/check.ts';
import type { Row } from '../../src/usage/row.ts';
import { timestampReader } from '../../src/usage/timestamp.ts';

const CHECK: CheckOptions = {
  now: new Date('2026-11-22T12:00:00Z'),
  timestamp: undefined,
  productCode: 'product',
  readTimestamp: timestampReader(undefined),
  allowRoundAccounts: false,
  allowNullText: false,
};

const reading = (...cells: readonly string[]): Row => ({
  file: 'usage.csv',
  line: 2,
  columns: {
    names: ['t', 'c', 'd', 'q'],
    known: { timestamp: 0, customer_aws_account_id: 1, dimension: 2, quantity: 3 },
    tags: [],
  },
  cells,
  raw: cells.join(','),
  locate: () => undefined,
});

const HOUR = '2026-11-22T10:00:00Z';

test('gives each record once, and what all of them name', () => {
  const { records, names } = readingsIn(
    [
      reading(HOUR, '111122223333', 'gb', 'x'),
      reading(HOUR, '111122223333', 'gb', '5'),
      reading(HOUR, '111122223333', 'gb,5', ''),
      reading('', HOUR, '111122223333', 'gb'),
    ],
    CHECK,
  );
  assert.deepEqual(
    records.map(({ dimension }) => dimension),
    ['gb', 'gb,5'],
  );
  assert.deepEqual(names, {
    hour: Date.parse(HOUR) / 1000,
    customer: '111122223333',
    dimension: undefined,
  });
});

test('gives nothing where no reading names a record', () => {
  assert.deepEqual(readingsIn([reading('', '', 'gb', '5')], CHECK), { records: [], names: {} });
  assert.deepEqual(readingsIn([], CHECK), { records: [], names: {} });
});

test('reads names without spaces, and without what spreadsheets put before them', () => {
  for (const [customer = '', dimension = ''] of [
    ['111122223333 ', 'gb'],
    ["'111122223333", ' gb'],
    ['="111122223333"', 'gb '],
  ]) {
    const { records } = readingsIn([reading(HOUR, customer, dimension, 'x')], CHECK);
    assert.deepEqual(
      records.map(record => [record.customerAWSAccountId, record.dimension]),
      [['111122223333', 'gb']],
    );
  }
});
