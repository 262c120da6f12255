import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customersIn } from '../../../src/ledger/queries/values.ts';
import { LedgerReader } from '../../../src/ledger/reader.ts';
import { HOUR_SECONDS } from '../../../src/usage/hours.ts';
import { NOW } from '../../helpers/world.ts';
import { LICENSE, sampleRecord, TEN } from '../../usage/samples.ts';
import { newPath, uploaded, withLedger } from '../setup.ts';

test('customers are listed once for each Region, accounts and identifiers apart', () => {
  const path = newPath();
  const account = '111122223333';
  withLedger(path, ledger => {
    const legacy = { customerAWSAccountId: undefined, customerIdentifier: 'legacy' };
    uploaded(ledger, [
      sampleRecord({ customerAWSAccountId: account }),
      sampleRecord({ customerAWSAccountId: account, dimension: 'other' }),
      sampleRecord({ customerAWSAccountId: account, licenseArn: LICENSE, dimension: 'licensed' }),
      sampleRecord(legacy),
      sampleRecord({ customerAWSAccountId: '999999999999', timestamp: TEN - HOUR_SECONDS }),
    ]);
    uploaded(ledger, [sampleRecord({ ...legacy, dimension: 'west' })], undefined, { region: 'us-west-2' });
    uploaded(ledger, [sampleRecord()], undefined, { endpoint: 'http://127.0.0.1:1/' });
  });
  using reader = LedgerReader.open(path, NOW);
  const found = [...customersIn(reader, { endpoint: 'aws', since: TEN, until: TEN + HOUR_SECONDS })];
  const text = found.map(({ region, customer, isAccount }) => `${region} ${customer} ${isAccount}`);
  assert.deepEqual(text.sort(), [
    `us-east-1 ${account} true`,
    'us-east-1 legacy false',
    'us-west-2 legacy false',
  ]);
});
