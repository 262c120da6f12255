import assert from 'node:assert/strict';
import { it } from 'node:test';
import { catalogMarket } from '../../../src/emulator/catalog/market.ts';
import { readCatalog } from '../../../src/emulator/catalog/read-catalog.ts';
import { recordUsage } from '../../../src/emulator/operations/request-facts.ts';
import type { WireRecord } from '../../../src/usage/wire.ts';
import { NOW } from '../setup.ts';
import {
  BUYER,
  batch,
  checkRows,
  LICENSED,
  LICENSES,
  licensed,
  MARKETPLACE,
  meter,
  NOT_SUBSCRIBED,
  type Row,
  SOURCES,
  SUCCESS,
  SUSPENDED,
} from './setup.ts';

const CUSTOMERS: readonly Row[] = [
  {
    rule: 'a customer by its identifier',
    source: SOURCES.batch,
    ...batch('old', { identifier: 'buyer' }),
    gives: SUCCESS,
  },
  {
    rule: 'an identifier that there is not',
    source: SOURCES.model,
    ...batch('old', { identifier: 'nobody' }),
    gives: 'InvalidCustomerIdentifierException',
  },
  {
    rule: 'an account that there is not',
    source: SOURCES.result,
    ...batch('old', { account: '333333333333' }),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'one without an agreement for the product',
    source: SOURCES.result,
    ...batch('old', { account: BUYER }, { account: '333333333333' }),
    gives: ['Success', 'CustomerNotSubscribed'],
  },
  {
    rule: 'the agreement is for another product',
    source: SOURCES.result,
    ...batch('dimensionless', { account: BUYER, dimension: 'x' }),
    gives: 'InvalidUsageDimensionException',
  },
  {
    rule: 'a suspended account',
    source: SOURCES.result,
    ...batch('old', { account: SUSPENDED }, { account: BUYER }),
    gives: ['CustomerNotSubscribed', 'Success'],
  },
  {
    rule: 'a suspended customer by its identifier',
    source: SOURCES.result,
    ...batch('old', { identifier: 'suspended' }),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'bought, but no subscribe-success yet',
    source: SOURCES.setup,
    as: { region: 'eu-west-1' },
    ...batch('european', { account: '222222222222' }),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'subscribed again after an agreement that has ended',
    source: SOURCES.notification,
    ...batch('old', { account: '222222222222' }),
    gives: SUCCESS,
  },
];

const old = (at: string) => batch('old', { account: LICENSED, at });

const migrating = (at: string) => batch('migrating', { account: LICENSED, at });

const PERIODS: readonly Row[] = [
  {
    rule: 'usage of the hour that ends as the agreement begins',
    source: SOURCES.setup,
    ...migrating('2026-11-22T08:59:59Z'),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'usage of the hour that begins with the agreement',
    source: SOURCES.setup,
    ...migrating('2026-11-22T09:00:00Z'),
    gives: SUCCESS,
  },
  {
    rule: 'usage from after the end, of the hour in which it ended',
    source: SOURCES.silent,
    clock: '2026-11-22T12:00:00Z',
    ...migrating('2026-11-22T11:45:00Z'),
    gives: SUCCESS,
  },
  {
    rule: 'usage from before the agreement',
    source: SOURCES.setup,
    ...old('2026-11-22T07:59:59Z'),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'usage of the hour in which it began',
    source: SOURCES.silent,
    ...old('2026-11-22T08:00:00Z'),
    gives: SUCCESS,
  },
  {
    rule: 'reported before it began, in the same hour',
    source: SOURCES.notification,
    clock: '2026-11-22T08:19:59.999Z',
    ...old('2026-11-22T08:10:00Z'),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'reported as it begins',
    source: SOURCES.notification,
    clock: '2026-11-22T08:20:00Z',
    ...old('2026-11-22T08:10:00Z'),
    gives: SUCCESS,
  },
  {
    rule: 'unsubscribe-pending: one more hour for the last records',
    source: SOURCES.notification,
    clock: '2026-11-22T12:59:59.999Z',
    ...old('2026-11-22T11:59:59Z'),
    gives: SUCCESS,
  },
  {
    rule: 'unsubscribe-success: no further records',
    source: SOURCES.notification,
    clock: '2026-11-22T13:00:00Z',
    ...old('2026-11-22T11:59:59Z'),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'usage from after the end, in the last hour',
    source: SOURCES.notification,
    clock: '2026-11-22T12:30:00Z',
    ...old('2026-11-22T12:00:00Z'),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'usage of a buyer task before its agreement',
    source: SOURCES.model,
    as: { key: 'AKIDBUYER' },
    ...meter('container', '2026-11-22T07:00:00Z'),
    gives: 'CustomerNotEntitledException',
  },
  {
    rule: 'usage of a buyer task in the last hour',
    source: SOURCES.notification,
    as: { key: 'AKIDBUYER' },
    clock: '2026-11-22T12:59:59Z',
    ...meter('container', '2026-11-22T11:00:00Z'),
    gives: { MeteringRecordId: 'any' },
  },
  {
    rule: 'usage of a buyer task after it',
    source: SOURCES.notification,
    as: { key: 'AKIDBUYER' },
    clock: '2026-11-22T13:00:00Z',
    ...meter('container', '2026-11-22T11:00:00Z'),
    gives: 'CustomerNotEntitledException',
  },
];

const BESIDE = ['licence-with-product-code=separate'];

const LICENSE_ROWS: readonly Row[] = [
  {
    rule: 'beside the code of its product, where that is no error',
    source: SOURCES.model,
    behaviours: BESIDE,
    ...batch('new', { account: LICENSED, license: LICENSES.good }),
    gives: SUCCESS,
  },
  {
    rule: 'beside the code of another product',
    source: SOURCES.model,
    behaviours: BESIDE,
    ...batch('yesterday', { account: LICENSED, license: LICENSES.good }),
    gives: 'InvalidLicenseException',
  },
  ...[
    ['has no entry', batch('old', { account: '333333333333' })],
    ['has agreements for other products alone', batch('dimensionless', { account: BUYER })],
  ].map(
    ([what, request]): Row => ({
      rule: `an account that ${what}, where that is an error of the request`,
      source: SOURCES.silent,
      behaviours: ['unknown-account=exception'],
      ...(request as ReturnType<typeof batch>),
      gives: 'InvalidCustomerIdentifierException',
    }),
  ),
  ...[
    ['is suspended', batch('old', { account: SUSPENDED })],
    ['has an agreement that has not begun', batch('container', { account: '222222222222' })],
    [
      'has an agreement that is over',
      { ...batch('old', { account: LICENSED }), clock: '2026-11-22T13:00:00Z' },
    ],
    ['has a license that has not begun', licensed({ license: LICENSES.pending })],
    ['has a license that has ended', licensed({ license: LICENSES.ended })],
  ].map(
    ([what, request]): Row => ({
      rule: `an account that ${what} is no error of the request, wherever unknown ones are`,
      source: SOURCES.result,
      behaviours: ['unknown-account=exception'],
      ...(request as ReturnType<typeof batch>),
      gives: NOT_SUBSCRIBED,
    }),
  ),
  {
    rule: 'a new product by CustomerIdentifier, where that is no error of the request',
    source: SOURCES.result,
    behaviours: ['unknown-customer=not-subscribed'],
    ...batch('new', { identifier: 'buyer' }),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'no customer by this identifier, where that is no error of the request',
    source: SOURCES.result,
    behaviours: ['unknown-customer=not-subscribed'],
    ...batch('old', { identifier: 'nobody' }, { identifier: 'buyer' }),
    gives: ['CustomerNotSubscribed', 'Success'],
  },
  { rule: 'a license', source: SOURCES.model, ...licensed({ license: LICENSES.good }), gives: SUCCESS },
  {
    rule: 'two licenses of one buyer are two records',
    source: "AWS's agent skill",
    ...licensed({ license: LICENSES.good }, { license: LICENSES.second }),
    gives: ['Success', 'Success'],
  },
  {
    rule: 'one that there is not',
    source: SOURCES.model,
    ...licensed({ license: LICENSES.good }, { license: `${LICENSES.good}x` }),
    gives: 'InvalidLicenseException',
  },
  {
    rule: 'one of another customer',
    source: SOURCES.model,
    ...licensed({ license: LICENSES.otherCustomer }),
    gives: 'InvalidLicenseException',
  },
  {
    rule: "one of another seller's product",
    source: SOURCES.silent,
    ...licensed({ license: LICENSES.otherSeller }),
    gives: 'InvalidLicenseException',
  },
  {
    rule: 'of two products in one request',
    source: SOURCES.batch,
    ...licensed({ license: LICENSES.good }, { license: LICENSES.otherProduct }),
    gives: 'InvalidLicenseException',
  },
  {
    rule: 'that the other product has alone',
    source: SOURCES.model,
    ...licensed({ license: LICENSES.otherProduct }),
    gives: SUCCESS,
  },
  {
    rule: 'usage from before its activation',
    source: SOURCES.model,
    ...licensed({ license: LICENSES.narrow, at: '2026-11-22T07:59:59Z' }),
    gives: 'InvalidLicenseException',
  },
  {
    rule: 'usage of the hour of its activation',
    source: SOURCES.silent,
    ...licensed({ license: LICENSES.narrow, at: '2026-11-22T08:00:00Z' }),
    gives: SUCCESS,
  },
  {
    rule: 'usage from after its end',
    source: SOURCES.model,
    clock: '2026-11-22T12:10:00Z',
    ...licensed({ license: LICENSES.narrow, at: '2026-11-22T12:00:00Z' }),
    gives: 'InvalidLicenseException',
  },
  {
    rule: 'usage of its period in the last hour',
    source: 'Seller Guide, saas-eventbridge-integration',
    clock: '2026-11-22T12:59:59Z',
    ...licensed({ license: LICENSES.narrow, at: '2026-11-22T11:00:00Z' }),
    gives: SUCCESS,
  },
  {
    rule: 'usage of its period after the last hour',
    source: "AWS's agent skill",
    clock: '2026-11-22T13:00:00Z',
    ...licensed({ license: LICENSES.narrow, at: '2026-11-22T11:00:00Z' }),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'reported before it is activated, in the same hour',
    source: SOURCES.setup,
    clock: '2026-11-22T08:19:00Z',
    ...licensed({ license: LICENSES.narrow, at: '2026-11-22T08:00:00Z' }),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'bought, but no License Updated yet',
    source: SOURCES.setup,
    ...licensed({ license: LICENSES.pending }),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'deprovisioned at once',
    source: "AWS's agent skill",
    ...licensed({ license: LICENSES.ended }),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'a new product by account id alone',
    source: SOURCES.batch,
    ...batch('new', { account: BUYER }),
    gives: 'InvalidLicenseException',
  },
  {
    rule: 'a new product by CustomerIdentifier',
    source: SOURCES.batch,
    ...batch('new', { identifier: 'buyer' }),
    gives: 'InvalidCustomerIdentifierException',
  },
  {
    rule: 'a product of the day before',
    source: SOURCES.batch,
    ...batch('yesterday', { identifier: 'buyer' }),
    gives: SUCCESS,
  },
  {
    rule: 'a new product that takes both',
    source: SOURCES.silent,
    ...batch('migrating', { identifier: 'buyer' }),
    gives: SUCCESS,
  },
  {
    rule: 'an old product with concurrent agreements',
    source: SOURCES.batch,
    ...batch('optedin', { account: BUYER }),
    gives: 'InvalidLicenseException',
  },
];

it('a catalog: agreements are judged alike, whatever was asked before', () => {
  const read = readCatalog(MARKETPLACE, NOW);
  assert.ok(read.ok);
  const { isSubscribed } = catalogMarket(read.catalog);
  const input = batch('old', { account: BUYER }).input.UsageRecords[0] as WireRecord;
  const usage = recordUsage(input);
  assert.equal(isSubscribed({ productCode: 'old', usage, now: NOW }), true);
  // It has an agreement, but one that bills by license only.
  assert.equal(isSubscribed({ productCode: 'new', usage, now: NOW }), false);
  assert.equal(isSubscribed({ productCode: undefined, usage, now: NOW }), false);
});

checkRows('customers', CUSTOMERS);
checkRows('the time of an agreement', PERIODS);
checkRows('licenses', LICENSE_ROWS);
