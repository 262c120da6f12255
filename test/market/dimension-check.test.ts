import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dimensionJudge } from '../../src/market/dimension-check.ts';

const ACCOUNT = '111122223333';

const judge = dimensionJudge({
  products: new Map([
    ['first', ['requests', 'users']],
    ['empty', []],
  ]),
  buyers: [
    { account: ACCOUNT, licenseArn: 'license-1', productCode: 'first', dimensions: ['requests'] },
    { account: ACCOUNT, licenseArn: 'license-2', productCode: 'first', dimensions: ['requests', 'users'] },
    { account: '444455556666', licenseArn: 'license-3', productCode: undefined, dimensions: ['gb'] },
    { account: '777788889999', licenseArn: undefined, productCode: 'first', dimensions: ['requests'] },
  ],
});

const record = (dimension: string, identity: object) => ({
  customerAWSAccountId: ACCOUNT,
  licenseArn: undefined,
  customerIdentifier: undefined,
  productCode: undefined,
  ...identity,
  dimension,
});

describe('a dimension', () => {
  for (const [what, dimension, identity, missingIn] of [
    ["of the buyer's offer", 'requests', { licenseArn: 'license-1' }, undefined],
    ['of the product only', 'users', { licenseArn: 'license-1' }, 'offer'],
    ['of another license of the same buyer', 'users', { licenseArn: 'license-2' }, undefined],
    ['that no offer has', 'seats', { licenseArn: 'license-1' }, 'product'],
    ['in another case', 'Requests', { licenseArn: 'license-2' }, 'product'],
    ['of a license whose product is not listed', 'seats', { licenseArn: 'license-3' }, 'offer'],
    ['of an unknown license', 'seats', { licenseArn: 'license-4' }, undefined],
    [
      'of an unknown license of a known product',
      'seats',
      { licenseArn: 'license-4', productCode: 'first' },
      'product',
    ],
    ['of any of the offers of an account', 'users', { productCode: 'first' }, undefined],
    [
      'that the offer of the account lacks',
      'users',
      { productCode: 'first', customerAWSAccountId: '777788889999' },
      'offer',
    ],
    ['of a product without dimensions', 'seats', { productCode: 'empty' }, undefined],
    ['of an unknown product', 'seats', { productCode: 'other' }, undefined],
    [
      'of a customer identifier',
      'seats',
      { customerAWSAccountId: undefined, customerIdentifier: 'c', productCode: 'first' },
      'product',
    ],
    [
      'of a customer identifier, whose offer is not known',
      'users',
      { customerAWSAccountId: undefined, customerIdentifier: 'c', productCode: 'first' },
      undefined,
    ],
  ] as const)
    test(`${what}: ${missingIn === undefined ? 'nothing to report' : `missing in the ${missingIn}`}`, () =>
      assert.equal(judge(record(dimension, identity))?.missingIn, missingIn));
});

test('a fault has what there is instead, and whether the product has the name', () => {
  assert.deepEqual(judge(record('users', { licenseArn: 'license-1' })), {
    missingIn: 'offer',
    productCode: 'first',
    isInProduct: true,
    known: ['requests'],
  });
  assert.equal(judge(record('x', { licenseArn: 'license-3' }))?.isInProduct, false);
});
