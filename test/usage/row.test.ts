import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLUMN_NAMES } from '../../src/usage/row.ts';

/** By hand: they are the columns of `history -o csv` as well, in this order. */
test('the column names are the contract', () => {
  assert.deepEqual(
    [...COLUMN_NAMES],
    [
      'timestamp',
      'customer_aws_account_id',
      'license_arn',
      'customer_identifier',
      'product_code',
      'dimension',
      'quantity',
      'usage_allocations',
    ],
  );
});
