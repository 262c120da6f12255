import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ReconciledRow, reconciliationTable } from '../../../src/render/text/reconciliation.ts';
import { paintFor, symbolsFor } from '../../../src/render/text/style.ts';
import { displayWidth } from '../../../src/render/text/width.ts';

const STYLE = { paint: paintFor(false), symbols: symbolsFor({ LANG: 'C.UTF-8' }) };

const ROWS: readonly ReconciledRow[] = [
  {
    kind: 'different-allocations',
    weight: 'difference',
    hour: '2026-11-28T01:00Z',
    customer: '111122223333',
    dimension: 'users',
    offering: 'arn:aws:license-manager::294406891311:license:l-0123456789abcdef0123456789abcdef',
    ledger: 'not-subscribed 12',
    cloudTrail: 'accepted 12',
    sender: 'arn:aws:sts::222233334444:assumed-role/billing/i-0123456789abcdef0',
    note: 'CloudTrail shows it split differently by tags',
  },
];

const tableOf = (width: number | undefined): string[] =>
  reconciliationTable(ROWS, { ...STYLE, width })
    .split('\n')
    .slice(0, -1);

describe('a comparison in a table', () => {
  test('is a line a record, where there is no terminal', () => assert.equal(tableOf(undefined).length, 2));

  test('has lines below each other in 80 columns', () => {
    assert.deepEqual(tableOf(80), [
      'RESULT                   CUSTOMER      LEDGER             NOTE',
      'HOUR                     DIMENSION     CLOUDTRAIL         SENT BY',
      '✗ different-allocations  111122223333  not-subscribed 12  CloudTrail shows it',
      '2026-11-28T01:00Z        users         accepted 12        split differently by',
      '                                                          tags',
      '                                                          arn:aws:sts::22223333…',
    ]);
  });

  test('is never wider than a terminal of 80 columns or more', () => {
    for (let width = 80; width < 240; width++)
      for (const line of tableOf(width)) assert.ok(displayWidth(line) <= width, line);
  });
});
