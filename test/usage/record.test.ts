import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityMode, sentProductCode } from '../../src/usage/record.ts';
import { LICENSE, sampleRecord } from './samples.ts';

const MODES = [
  ['an account id and a product code', {}, 'account', '4ml54db8vrmjuykaw1psroool'],
  ['a license', { licenseArn: LICENSE, productCode: undefined }, 'license', undefined],
  ['a license beside a product code, which is not sent', { licenseArn: LICENSE }, 'license', undefined],
  [
    'a customer identifier',
    { customerAWSAccountId: undefined, customerIdentifier: 'ifAPi5AcF3' },
    'customer',
    '4ml54db8vrmjuykaw1psroool',
  ],
] as const;

for (const [what, different, mode, sent] of MODES) {
  test(`${what}: mode ${mode}`, () => {
    const record = sampleRecord(different);
    assert.equal(identityMode(record), mode);
    assert.equal(sentProductCode(record), sent);
  });
}
