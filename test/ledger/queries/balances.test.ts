import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { balancesIn } from '../../../src/ledger/queries/balances.ts';
import { LedgerReader } from '../../../src/ledger/reader.ts';
import type { Selection } from '../../../src/ledger/selection.ts';
import { decimalText } from '../../../src/usage/decimal.ts';
import type { Status } from '../../../src/usage/outcome.ts';
import type { UsageRecord } from '../../../src/usage/record.ts';
import { NOW } from '../../helpers/world.ts';
import { LICENSE, sampleRecord, TEN } from '../../usage/samples.ts';
import { newPath, uploaded, withLedger } from '../setup.ts';

const carrying = (used: string, hours: number, different: Partial<UsageRecord> = {}): UsageRecord =>
  sampleRecord({ used, quantity: 0, carriedIn: '0', timestamp: TEN - hours * 3600, ...different });

/** Each stream with what it used, sent and its balance. */
const balancesOf = (
  records: readonly UsageRecord[],
  selection: Selection = {},
  statusOf: (record: UsageRecord) => Status | undefined = () => 'accepted',
) => {
  const path = newPath();
  withLedger(path, ledger => uploaded(ledger, records, statusOf));
  using reader = LedgerReader.open(path, NOW);
  return [...balancesIn(reader, selection)].map(
    ({ customer, dimension, productCode, licenseArn, used, sent, balance, lastHour, records: count }) => [
      customer.slice(0, 3),
      dimension,
      licenseArn ?? productCode,
      decimalText(used),
      sent,
      decimalText(balance),
      (TEN - lastHour) / 3600,
      count,
    ],
  );
};

describe('balances', () => {
  const product = sampleRecord().productCode;
  test('are those of each stream, with its last hour', () =>
    assert.deepEqual(
      balancesOf([
        carrying('0.7', 3),
        carrying('0.6', 2),
        carrying('1.000000000000000001', 3, { dimension: 'other' }),
        carrying('0.5', 1, { licenseArn: LICENSE, productCode: undefined }),
        sampleRecord({ dimension: 'whole' }),
      ]),
      [
        ['123', sampleRecord().dimension, product, '1.3', 1, '0.3', 2, 2],
        ['123', sampleRecord().dimension, LICENSE, '0.5', 0, '0.5', 1, 1],
        ['123', 'other', product, '1.000000000000000001', 1, '0.000000000000000001', 3, 1],
      ],
    ));

  test('are of all hours, and of the selected streams only', () => {
    const records = [carrying('0.7', 3), carrying('0.6', 2), carrying('0.5', 2, { dimension: 'other' })];
    const range = { since: TEN - 2 * 3600, until: TEN, run: 99 };
    assert.deepEqual(balancesOf(records, { ...range, dimension: 'other' }), [
      ['123', 'other', product, '0.5', 0, '0.5', 2, 1],
    ]);
    assert.equal(balancesOf(records, range)[0]?.[3], '1.3');
    assert.deepEqual(balancesOf(records, { customer: '999999999999' }), []);
  });

  test('leave out what is not billed, and have what may be', () =>
    assert.deepEqual(
      balancesOf([carrying('0.7', 3), carrying('0.6', 2), carrying('0.2', 1)], {}, ({ used }) =>
        used === '0.7' ? 'refused' : used === '0.2' ? undefined : 'accepted',
      ),
      [['123', sampleRecord().dimension, product, '0.8', 1, '-0.2', 1, 2]],
    ));

  test('are none where nothing carries', () =>
    assert.deepEqual(balancesOf([sampleRecord(), sampleRecord({ used: '41.5', dimension: 'up' })]), []));
});
