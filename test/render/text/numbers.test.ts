import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupedDecimal } from '../../../src/render/text/numbers.ts';

for (const [decimal, text] of [
  ['0', '0'],
  ['999', '999'],
  ['1340', '1,340'],
  ['-1234567.0625', '-1,234,567.0625'],
  ['0.123456789', '0.123456789'],
  ['-100', '-100'],
] as const)
  test(`${decimal} is shown as ${text}`, () => assert.equal(groupedDecimal(decimal), text));
