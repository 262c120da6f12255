import { batch, licensed, ofAccount, ofCustomer, ofLicense, SUCCESS } from '../calls.ts';
import type { Expected, Given, Names, Row, Step } from '../row.ts';

const VALIDATION: Expected = { type: ['ValidationException', 'SerializationException'] };
const NO_LICENSE: Expected = { type: 'InvalidLicenseException' };

/** One bad record in a request rejects the good one as well, which can then be sent alone. */
const whole = (
  rule: string,
  source: string,
  bad: (names: Names) => object,
  expect: Expected,
  or: Readonly<Record<string, Expected>> = {},
): Row => ({
  section: '2.3',
  rule: `${rule} refuses the whole request, and nothing is recorded`,
  source,
  steps: names => [
    batch(names, [ofAccount(names), bad(names)], expect, { or }),
    // If the good record had been recorded, another quantity would be a duplicate.
    batch(names, [ofAccount(names, { Quantity: 9 })], SUCCESS),
  ],
  stored: 1,
});

const model = (name: string): string => `service model, ${name}`;

/** Two products, one with this dimension, and a customer of each. */
const market = (names: Names): Given => ({
  catalog: {
    products: [{ code: names.product, dimensions: ['users'] }, { code: `${names.product}2` }],
    customers: [{ account: names.account, identifier: names.customer }, { account: names.otherAccount }],
    agreements: [
      { product: names.product, customer: names.account, licenseArn: names.license },
      { product: `${names.product}2`, customer: names.otherAccount, licenseArn: names.otherLicense },
    ],
  },
});

const inMarket = (
  rule: string,
  source: string,
  steps: (names: Names) => readonly Step[],
  stored = 0,
): Row => ({
  section: '2.3',
  rule,
  source,
  given: market,
  steps,
  stored,
});

/** Section 2.3. */
export const REFUSALS: readonly Row[] = [
  whole(
    'one timestamp out of range',
    model('TimestampOutOfBoundsException'),
    names => ofAccount(names, { Dimension: 'gb', Timestamp: names.now - 3 * 86_400 }),
    { type: 'TimestampOutOfBoundsException' },
  ),
  whole(
    'one dimension that the product does not have',
    "AWS's agent skill aws-marketplace-metering",
    names => ofAccount(names, { Dimension: 'unknown_dimension' }),
    { type: 'InvalidUsageDimensionException' },
  ),
  whole(
    'one bad tag',
    model('InvalidTagException'),
    names =>
      ofAccount(names, {
        Dimension: 'gb',
        UsageAllocations: [{ AllocatedUsageQuantity: 3, Tags: [{ Key: 'team~', Value: 'a' }] }],
      }),
    { type: 'InvalidTagException' },
  ),
  whole(
    'one sum of allocations that is not the quantity',
    model('InvalidUsageAllocationsException'),
    names => ofAccount(names, { Dimension: 'gb', UsageAllocations: [{ AllocatedUsageQuantity: 2 }] }),
    { type: 'InvalidUsageAllocationsException' },
  ),
  whole(
    'one record without Timestamp',
    model('UsageRecord'),
    names => ({ ...ofAccount(names), Timestamp: undefined }),
    VALIDATION,
  ),
  whole(
    'one record without Dimension',
    model('UsageRecord'),
    names => ({ ...ofAccount(names), Dimension: undefined }),
    VALIDATION,
  ),
  {
    section: '2.3',
    rule: 'a wrong product code is InvalidProductCodeException',
    source: model('InvalidProductCodeException'),
    steps: names => [
      batch(
        names,
        [ofAccount(names)],
        { type: 'InvalidProductCodeException' },
        { product: 'unknown_product' },
      ),
    ],
    stored: 0,
  },
  {
    section: '2.3',
    rule: 'a license that does not exist is InvalidLicenseException',
    source: model('InvalidLicenseException'),
    steps: names => [
      licensed(
        [ofLicense(names, { LicenseArn: 'arn:aws:license-manager::123456789012:license:l-invalid' })],
        NO_LICENSE,
      ),
    ],
    stored: 0,
  },
  inMarket(
    'a license of another customer is InvalidLicenseException',
    model('InvalidLicenseException'),
    names => [licensed([ofLicense(names, { LicenseArn: names.otherLicense })], NO_LICENSE)],
  ),
  inMarket(
    'licenses of two products in one request are InvalidLicenseException',
    "AWS's agent skill aws-marketplace-metering",
    names => [
      licensed(
        [
          ofLicense(names),
          ofLicense(names, { CustomerAWSAccountId: names.otherAccount, LicenseArn: names.otherLicense }),
        ],
        NO_LICENSE,
      ),
    ],
  ),
  inMarket('names of dimensions are case-sensitive', "AWS's agent skill aws-marketplace-metering", names => [
    batch(names, [ofAccount(names, { Dimension: 'Users' })], { type: 'InvalidUsageDimensionException' }),
  ]),
  inMarket(
    'a product that does not exist is InvalidProductCodeException',
    model('InvalidProductCodeException'),
    names => [
      batch(
        names,
        [ofAccount(names)],
        { type: 'InvalidProductCodeException' },
        { product: `${names.product}3` },
      ),
    ],
  ),
  inMarket(
    'an account that has never subscribed is CustomerNotSubscribed',
    'API reference, UsageRecordResult',
    names => [
      batch(
        names,
        [ofAccount(names, { CustomerAWSAccountId: '999900001111' })],
        { statuses: ['CustomerNotSubscribed'] },
        {
          or: { 'unknown-account=exception': { type: 'InvalidCustomerIdentifierException' } },
        },
      ),
    ],
  ),
  inMarket(
    'a customer of another product is CustomerNotSubscribed',
    'API reference, UsageRecordResult',
    names => [
      batch(
        names,
        [ofAccount(names, { CustomerAWSAccountId: names.otherAccount })],
        {
          statuses: ['CustomerNotSubscribed'],
        },
        { or: { 'unknown-account=exception': { type: 'InvalidCustomerIdentifierException' } } },
      ),
    ],
  ),
  {
    section: '2.3',
    rule: 'a CustomerIdentifier that does not exist is InvalidCustomerIdentifierException',
    source: model('InvalidCustomerIdentifierException'),
    steps: names => [
      batch(
        names,
        [ofCustomer(names, { CustomerIdentifier: 'unknown_customer' })],
        { type: 'InvalidCustomerIdentifierException' },
        { or: { 'unknown-customer=not-subscribed': { statuses: ['CustomerNotSubscribed'] } } },
      ),
    ],
    stored: 0,
  },
  {
    section: '2.3',
    rule: 'an account without an agreement is CustomerNotSubscribed, and the other records are recorded',
    source: 'API reference, UsageRecordResult',
    steps: names => [
      batch(
        names,
        [ofAccount(names, { CustomerAWSAccountId: '404404404404' }), ofAccount(names)],
        {
          statuses: ['CustomerNotSubscribed', 'Success'],
        },
        { or: { 'unknown-account=exception': { type: 'InvalidCustomerIdentifierException' } } },
      ),
    ],
    stored: 1,
    storedWith: { 'unknown-account=exception': 0 },
  },
  {
    section: '2.3',
    rule: 'a Region without the API is DisabledApiException',
    source: model('DisabledApiException'),
    given: names => ({ catalog: { regions: ['eu-west-1'], products: [{ code: names.product }] } }),
    steps: names => [
      batch(names, [ofAccount(names)], { type: 'DisabledApiException' }, { region: 'us-east-1' }),
      batch(names, [ofAccount(names)], { statuses: ['CustomerNotSubscribed'] }, { region: 'eu-west-1' }),
    ],
  },
  {
    section: '2.3',
    rule: 'of several troubles that of the first check is told, not that of the first record',
    source: 'silent',
    steps: names => [
      batch(
        names,
        [
          ofAccount(names, { Dimension: 'unknown_dimension' }),
          ofAccount(names, { Timestamp: names.now - 3 * 86_400 }),
        ],
        { type: 'TimestampOutOfBoundsException' },
        { or: { 'check-order=by-record': { type: 'InvalidUsageDimensionException' } } },
      ),
    ],
    stored: 0,
  },
  {
    section: '2.3',
    rule: 'UnprocessedRecords are those that the service did not get to; sent again they are taken',
    source: model('BatchMeterUsageResult.UnprocessedRecords'),
    given: { faults: ['unprocessed@2'] },
    steps: names => [
      batch(names, [ofAccount(names), ofAccount(names, { Dimension: 'gb' })], {
        statuses: [],
        unprocessed: 2,
      }),
      batch(names, [ofAccount(names), ofAccount(names, { Dimension: 'gb' })], {
        statuses: ['Success', 'Success'],
        unprocessed: 0,
      }),
    ],
    stored: 2,
  },
];
