import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import type { FoundRecord } from '../../../src/cloudtrail/finding.ts';
import { groupsCsv, recordsCsv, runsCsv } from '../../../src/commands/history/csv.ts';
import { reconciliationCsv } from '../../../src/commands/reconcile/csv.ts';
import type { RunSummary } from '../../../src/ledger/queries/runs.ts';
import { checkRow } from '../../../src/usage/check.ts';
import { ONE } from '../../../src/usage/decimal.ts';
import { timestampReader } from '../../../src/usage/timestamp.ts';
import { NOW } from '../../helpers/world.ts';
import { rowOf, sampleRecord } from '../../usage/samples.ts';

const rowsIn = (lines: Iterable<string>): Record<string, string>[] =>
  parse([...lines].join(''), { columns: true });

const known = (different: Parameters<typeof sampleRecord>[0]) => ({
  record: sampleRecord(different),
  outcome: { status: 'accepted' as const, reason: undefined, meteringRecordId: '-id' },
  run: 1,
  settledAt: NOW.getTime(),
  region: 'us-east-1',
  endpoint: 'aws',
  place: { file: '=1+1.csv', line: 2 },
});

const EVIL = "=cmd|' /C calc'!A1";

/** Cells that a spreadsheet would run. */
const formulasIn = (rows: readonly Record<string, string>[]): string[] =>
  rows
    .flatMap(row => Object.values(row))
    .filter(text => /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)));

describe('nothing is left in CSV that a spreadsheet would run', () => {
  test('of records', () => {
    const rows = rowsIn(
      recordsCsv([
        known({ dimension: EVIL }),
        known({ customerAWSAccountId: undefined, customerIdentifier: '@SUM(A1)', dimension: '+1' }),
        known({ productCode: '-1+1', dimension: '-gb' }),
      ]),
    );
    assert.deepEqual(formulasIn(rows), []);
    assert.equal(rows[0]?.['dimension'], `'${EVIL}`);
    assert.deepEqual(
      [rows[1]?.['customer_identifier'], rows[2]?.['product_code'], rows[2]?.['dimension']],
      ["'@SUM(A1)", "'-1+1", "'-gb"],
    );
    assert.deepEqual([rows[0]?.['metering_record_id'], rows[0]?.['file']], ["'-id", "'=1+1.csv"]);
    assert.equal(rows[0]?.['quantity'], '42');
  });

  test('of sums', () => {
    const sums = { records: 1, quantity: 42, billed: 42, used: 42n * ONE, balance: -ONE, counts: {} };
    const group = { day: 0, customer: EVIL, productCode: '-p', dimension: EVIL, ...sums };
    const rows = rowsIn(groupsCsv([group as never], 'customer'));
    assert.deepEqual(formulasIn(rows), []);
    assert.equal(rows[0]?.['billed_quantity'], '42');
    assert.deepEqual([rows[0]?.['used'], rows[0]?.['balance']], ['42', '-1']);
  });

  test('of runs; a number stays one, also when a clock was set back', () => {
    const run = { run: 1, files: [EVIL], started: 's', ended: 'e', seconds: -3, exitCode: 0 };
    const rows = rowsIn(
      runsCsv([{ ...run, version: 'v', region: 'r', endpoint: 'aws' } as unknown as RunSummary]),
    );
    assert.deepEqual(formulasIn(rows), []);
    assert.deepEqual([rows[0]?.['files'], rows[0]?.['seconds']], [`'${EVIL}`, '-3']);
  });

  test('of a comparison', () => {
    const found = {
      kind: 'only-in-cloudtrail',
      Dimension: EVIL,
      cloudTrail: [{ principal: EVIL, Quantity: 1 }],
    };
    const rows = rowsIn(reconciliationCsv([found as unknown as FoundRecord]));
    assert.deepEqual(formulasIn(rows), []);
    assert.deepEqual([rows[0]?.['dimension'], rows[0]?.['principal']], [`'${EVIL}`, `'${EVIL}`]);
  });
});

describe('records as CSV, submitted again,', () => {
  const again = (different: Parameters<typeof sampleRecord>[0]) => {
    const [cells = {}] = rowsIn(recordsCsv([known(different)]));
    return checkRow(rowOf(cells), {
      now: NOW,
      timestamp: undefined,
      productCode: undefined,
      readTimestamp: timestampReader(undefined),
      allowRoundAccounts: false,
      allowNullText: false,
    });
  };

  test('are the same records', () => {
    const allocations = [{ allocatedUsageQuantity: 42, tags: [{ key: 'Team', value: '=a' }] }];
    for (const different of [{}, { usageAllocations: allocations }, { dimension: 'a=b' }])
      assert.deepEqual(again(different).usage?.record, sampleRecord(different));
  });

  test('are refused where an apostrophe was put before a name, and never sent under another', () => {
    const { usage, problems } = again({ dimension: '=gb' });
    assert.equal(usage, undefined);
    assert.match(problems[0]?.message ?? '', /dimension starts with an apostrophe/);
    assert.equal(problems[0]?.help, 'did you mean "=gb"?');
    const customer = { customerAWSAccountId: undefined, customerIdentifier: '@gb' };
    assert.match(again(customer).problems[0]?.message ?? '', /customer identifier starts with an apostrophe/);
    assert.equal(again({ productCode: '-p' }).usage, undefined);
  });
});
