import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UsageRecord } from '../../src/usage/record.ts';
import { sampleRecord, TEN } from '../usage/samples.ts';
import { drafted, newPath, outcome, plannedRun, sentAll, withLedger } from './setup.ts';

/** More than a page of usages, each with two products; the last has more than a page of them. */
const RECORDS: readonly UsageRecord[] = Array.from({ length: 3_300 }, (_, index) =>
  sampleRecord({
    timestamp: TEN,
    dimension: `d${String(Math.min(index >> 1, 1_100)).padStart(4, '0')}`,
    productCode: `p${index}`,
  }),
);

test('what waits is given once, page by page, while it is dropped', () => {
  withLedger(newPath(), ledger => {
    // Some are known, because an earlier run has planned them; the others are new.
    plannedRun(ledger, RECORDS.slice(0, 1_500));
    const { draft } = drafted(ledger, RECORDS);
    for (const dimension of new Set(RECORDS.map(one => one.dimension)))
      draft.withhold({ hour: TEN, customer: '123456789012', dimension }, 2);
    const found: (string | undefined)[] = [];
    for (const { record } of draft.withheld()) {
      if (draft.planned(record) !== undefined) found.push(record.productCode);
      draft.drop(record);
    }
    assert.deepEqual(found.sort(), RECORDS.map(({ productCode }) => productCode).sort());
    assert.deepEqual([...draft.withheld()], []);
  });
});

test('one that names its product waits alone; what is billed does not wait', () => {
  withLedger(newPath(), ledger => {
    const [billed, waiting, other] = ['a', 'b', 'c'].map(productCode =>
      sampleRecord({ timestamp: TEN, productCode }),
    ) as [UsageRecord, UsageRecord, UsageRecord];
    sentAll(plannedRun(ledger, [billed]), () => outcome('accepted'));
    const { draft } = drafted(ledger, [billed, waiting, other]);
    draft.withhold(billed, 5);
    draft.withhold(waiting, 6);
    draft.withhold(waiting, 7);
    assert.deepEqual(
      Array.from(draft.withheld(), ({ record, line }) => {
        draft.drop(record);
        return [record.productCode, line];
      }),
      [['b', 6]],
    );
  });
});
