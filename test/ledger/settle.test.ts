import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LedgerError } from '../../src/errors.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { LedgerReader } from '../../src/ledger/reader.ts';
import { type Settlement, settleUnknown } from '../../src/ledger/settle.ts';
import type { Outcome, Status } from '../../src/usage/outcome.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { NOW } from '../helpers/world.ts';
import { LICENSE, sampleRecord } from '../usage/samples.ts';
import { newPath, uploaded, withLedger } from './setup.ts';

const AT = Date.UTC(2026, 10, 23);
const ACCEPTED: Outcome = { status: 'accepted', reason: 'CloudTrail event e', meteringRecordId: 'shown' };

const recordOf = (dimension: string): UsageRecord =>
  sampleRecord({ dimension, licenseArn: LICENSE, productCode: undefined });

/** A ledger with a record of each of these statuses, its dimension; undefined: sent, and no answer came. */
const ledgerWith = (...statuses: readonly (Status | undefined)[]): string => {
  const path = newPath();
  const records = statuses.map(status => recordOf(status ?? 'sent'));
  withLedger(path, ledger =>
    uploaded(ledger, records, ({ dimension }) => (dimension === 'sent' ? undefined : (dimension as Status))),
  );
  return path;
};

const statusesIn = (path: string): Record<string, Status> => {
  using reader = LedgerReader.open(path, NOW);
  return Object.fromEntries(
    [...reader.records({})].map(({ record, outcome }) => [record.dimension, outcome.status]),
  );
};

const settlement = (dimension: string, different: Partial<Settlement> = {}): Settlement => ({
  region: 'us-east-1',
  record: recordOf(dimension),
  outcome: ACCEPTED,
  ...different,
});

describe('settling what the ledger does not know', () => {
  test('writes down what is shown, with its id, its reason and the time', () => {
    const path = ledgerWith('unknown', undefined);
    assert.equal(settleUnknown(path, 'aws', [settlement('unknown'), settlement('sent')], AT), 2);
    using reader = LedgerReader.open(path, NOW);
    for (const { outcome, settledAt } of reader.records({})) {
      assert.deepEqual(outcome, ACCEPTED);
      assert.equal(settledAt, AT);
    }
  });

  test('changes no record that has an answer, or was never sent', () => {
    const others: readonly Status[] = [
      'accepted',
      'already-recorded',
      'duplicate',
      'not-subscribed',
      'refused',
      'expired',
      'unsent',
    ];
    const path = ledgerWith(...others);
    const before = statusesIn(path);
    assert.equal(Object.keys(before).length, others.length);
    assert.equal(
      settleUnknown(
        path,
        'aws',
        others.map(status => settlement(status)),
        AT,
      ),
      0,
    );
    assert.deepEqual(statusesIn(path), before);
  });

  test('finds a record by its whole key and its quantity', () => {
    const path = ledgerWith('unknown');
    const record = recordOf('unknown');
    const others: readonly Partial<Settlement>[] = [
      { region: 'eu-west-1' },
      { record: { ...record, quantity: record.quantity + 1 } },
      { record: { ...record, timestamp: record.timestamp - 3600 } },
      { record: { ...record, customerAWSAccountId: '999988887777' } },
      { record: { ...record, licenseArn: `${record.licenseArn}x` } },
      { record: { ...record, licenseArn: undefined, productCode: 'p' } },
    ];
    assert.equal(
      settleUnknown(
        path,
        'aws',
        others.map(other => settlement('unknown', other)),
        AT,
      ),
      0,
    );
    assert.equal(settleUnknown(path, 'http://127.0.0.1/', [settlement('unknown')], AT), 0);
    assert.deepEqual(statusesIn(path), { unknown: 'unknown' });
  });

  test('is all or nothing', () => {
    const path = ledgerWith('unknown', undefined);
    function* broken(): Generator<Settlement> {
      yield settlement('unknown');
      throw new Error('no more');
    }
    assert.throws(() => settleUnknown(path, 'aws', broken(), AT), /no more/);
    assert.deepEqual(statusesIn(path), { unknown: 'unknown', sent: 'unknown' });
  });

  test('leaves a ledger that the next upload can use, and that does not send it again', () => {
    const path = ledgerWith('unknown');
    settleUnknown(path, 'aws', [settlement('unknown')], AT);
    withLedger(path, ledger => {
      const { results } = uploaded(ledger, [recordOf('unknown')]);
      assert.deepEqual([...results.tally()], [['already-recorded', 1]]);
    });
  });

  test('does not make a ledger of another program its own', () => {
    const path = newPath();
    withLedger(path, () => {});
    assert.ok(Ledger.exists(path));
    assert.equal(settleUnknown(path, 'aws', [], AT), 0);
    assert.throws(() => settleUnknown('/dev/null', 'aws', [], AT), LedgerError);
  });
});
