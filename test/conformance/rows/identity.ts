import { batch, licensed, ofAccount, ofCustomer, ofLicense, SUCCESS, UUID, usage } from '../calls.ts';
import type { Expected, Names, Row } from '../row.ts';

const VALIDATION: Expected = { type: 'ValidationException' };
const BATCH = 'API reference, BatchMeterUsage';
const NO_CUSTOMER = { 'identity-error=invalid-customer': { type: 'InvalidCustomerIdentifierException' } };
const ACCOUNT_RULE = 'service model, UsageRecord.LicenseArn and ResolveCustomerResult';

/** Only the identity that was sent, or both. */
const echo = (names: Names, expected: object): Expected => ({
  body: {
    Results: [{ UsageRecord: { Timestamp: names.hour, Dimension: 'users', Quantity: 3, ...expected } }],
  },
});

/** Sections 3.1 to 3.4. */
export const IDENTITY: readonly Row[] = [
  {
    section: '3.1',
    rule: 'CustomerIdentifier and CustomerAWSAccountId exclude each other in a record',
    source: BATCH,
    steps: names => [
      batch(names, [ofAccount(names, { CustomerIdentifier: names.customer })], VALIDATION, {
        or: NO_CUSTOMER,
      }),
    ],
    stored: 0,
  },
  {
    section: '3.1',
    rule: 'CustomerIdentifier and CustomerAWSAccountId exclude each other in a request',
    source: BATCH,
    steps: names => [batch(names, [ofAccount(names), ofCustomer(names)], VALIDATION, { or: NO_CUSTOMER })],
    stored: 0,
  },
  {
    section: '3.1',
    rule: 'a record of nobody is refused',
    source: 'silent; service model, UsageRecord: one of the two',
    steps: names => [batch(names, [usage(names)], VALIDATION, { or: NO_CUSTOMER })],
    stored: 0,
  },
  {
    section: '3.1',
    rule: 'an empty CustomerIdentifier is none',
    source: 'Smithy model of April 2025: its default is an empty text',
    steps: names => [
      batch(names, [ofAccount(names, { CustomerIdentifier: '' })], SUCCESS),
      batch(names, [usage(names, { CustomerIdentifier: '' })], VALIDATION, { or: NO_CUSTOMER }),
    ],
    stored: 1,
  },
  {
    section: '3.1',
    rule: 'a product created since 2026-06-01 takes no CustomerIdentifier',
    source: BATCH,
    given: names => ({
      catalog: {
        products: [{ code: names.product, created: '2026-06-01' }],
        customers: [{ account: names.account, identifier: names.customer }],
        agreements: [{ product: names.product, customer: names.account, licenseArn: names.license }],
      },
    }),
    steps: names => [
      batch(
        names,
        [ofCustomer(names)],
        { type: 'InvalidCustomerIdentifierException' },
        {
          or: { 'unknown-customer=not-subscribed': { statuses: ['CustomerNotSubscribed'] } },
        },
      ),
      licensed([ofLicense(names)], SUCCESS),
    ],
    stored: 1,
  },
  {
    section: '3.1',
    rule: 'with a LicenseArn a product code is refused',
    source:
      'Red Hat, rhsm-subscriptions, pull request 6539; service model, BatchMeterUsageRequest.ProductCode',
    steps: names => [
      batch(
        names,
        [ofLicense(names)],
        { type: 'InvalidProductCodeException' },
        {
          or: {
            'licence-with-product-code=validation': VALIDATION,
            'licence-with-product-code=invalid-license': { type: 'InvalidLicenseException' },
            'licence-with-product-code=separate': SUCCESS,
          },
        },
      ),
    ],
    stored: 0,
    storedWith: { 'licence-with-product-code=separate': 1 },
  },
  {
    section: '3.1',
    rule: 'a LicenseArn needs a CustomerAWSAccountId',
    source: ACCOUNT_RULE,
    steps: names => [
      licensed([usage(names, { LicenseArn: names.license })], VALIDATION, {
        or: { 'licence-without-account=invalid-license': { type: 'InvalidLicenseException' } },
      }),
    ],
    stored: 0,
  },
  {
    section: '3.1',
    rule: 'without a license a product code is needed',
    source: 'service model, BatchMeterUsageRequest.ProductCode',
    steps: names => [
      licensed(
        [ofAccount(names)],
        { type: 'InvalidProductCodeException' },
        {
          or: { 'missing-product-code=validation': VALIDATION },
        },
      ),
      batch(
        names,
        [ofAccount(names)],
        { type: 'InvalidProductCodeException' },
        {
          product: '',
          or: { 'missing-product-code=validation': VALIDATION },
        },
      ),
    ],
    stored: 0,
  },
  {
    section: '3.1',
    rule: 'several buyers and licenses of one product may share a request',
    source: "AWS's agent skill aws-marketplace-metering",
    steps: names => [
      licensed(
        [
          ofLicense(names),
          ofLicense(names, { CustomerAWSAccountId: names.otherAccount, LicenseArn: names.otherLicense }),
        ],
        { statuses: ['Success', 'Success'] },
      ),
    ],
    stored: 2,
  },
  {
    section: '3.1',
    rule: 'one CustomerIdentifier is the same buyer in all products of a seller; the product code tells them apart',
    source: 'Seller Guide, saas-product-customer-setup',
    steps: names => [
      batch(names, [ofCustomer(names)], SUCCESS),
      batch(names, [ofCustomer(names, { Quantity: 4 })], SUCCESS, { product: `${names.product}2` }),
    ],
    stored: 2,
  },
  {
    section: '3.2',
    rule: 'ProductCode and CustomerIdentifier: the form of old integrations works',
    source: BATCH,
    steps: names => [batch(names, [ofCustomer(names)], SUCCESS)],
    stored: 1,
  },
  {
    section: '3.2',
    rule: 'ProductCode and CustomerAWSAccountId without a license works',
    source: "README of AWS's sample for the Sovereign Cloud, captured",
    steps: names => [batch(names, [ofAccount(names)], SUCCESS)],
    stored: 1,
  },
  {
    section: '3.2',
    rule: 'CustomerAWSAccountId and LicenseArn, without ProductCode: the form for concurrent agreements works',
    source: 'Seller Guide, saas-code-examples',
    steps: names => [
      licensed(
        [
          ofLicense(names, {
            UsageAllocations: [
              { AllocatedUsageQuantity: 2, Tags: [{ Key: 'BusinessUnit', Value: 'IT' }] },
              { AllocatedUsageQuantity: 1 },
            ],
          }),
        ],
        SUCCESS,
      ),
    ],
    stored: 1,
  },
  {
    section: '3.3',
    rule: 'a result repeats the record, with the identity that was sent and no other',
    source: "README of AWS's sample for the Sovereign Cloud, captured",
    steps: names => [
      batch(
        names,
        [ofAccount(names)],
        echo(names, { CustomerAWSAccountId: names.account, CustomerIdentifier: undefined }),
        {
          or: {
            'echoed-identity=both': echo(names, {
              CustomerAWSAccountId: names.account,
              CustomerIdentifier: /./,
            }),
          },
        },
      ),
    ],
  },
  {
    section: '3.3',
    rule: 'a MeteringRecordId is a UUID of version 4',
    source: "READMEs of AWS's samples, captured",
    steps: names => [batch(names, [ofAccount(names)], { body: { Results: [{ MeteringRecordId: UUID }] } })],
  },
  {
    section: '3.3',
    rule: 'each Success has a MeteringRecordId of its own',
    source: 'API reference, UsageRecordResult',
    steps: names => [batch(names, [ofAccount(names), ofAccount(names, { Dimension: 'gb' })], { ids: 'ab' })],
  },
  {
    section: '3.3',
    rule: 'UnprocessedRecords is there, and empty',
    source: "README of AWS's sample for the Sovereign Cloud, captured",
    steps: names => [batch(names, [ofAccount(names)], { unprocessed: 0 })],
  },
  {
    section: '3.3',
    rule: 'a result repeats license and allocations',
    source: 'service model, UsageRecordResult.UsageRecord',
    steps: names => [
      licensed(
        [
          ofLicense(names, {
            UsageAllocations: [{ AllocatedUsageQuantity: 3, Tags: [{ Key: 'team', Value: 'a' }] }],
          }),
        ],
        echo(names, {
          LicenseArn: names.license,
          UsageAllocations: [{ AllocatedUsageQuantity: 3, Tags: [{ Key: 'team', Value: 'a' }] }],
        }),
      ),
    ],
  },
  {
    section: '3.4',
    rule: 'a license of the usual form is accepted',
    source: 'Seller Guide, saas-code-examples',
    steps: names => [licensed([ofLicense(names)], SUCCESS)],
  },
  {
    section: '3.4',
    rule: 'the pattern of the service model is all that is asked of an ARN',
    source: 'service model, LicenseArn; README of an AWS sample: license/lic-',
    steps: names => [
      licensed(
        [ofLicense(names, { LicenseArn: names.license.replace('license:l-', 'license/lic-') })],
        SUCCESS,
        { or: { 'licence-form=usual': { type: 'InvalidLicenseException' } } },
      ),
    ],
  },
  ...[
    'aws:license-manager:us-east-1:123456789012:l-1',
    'arn:aws:license-manager:1',
    '',
    'arn:azure:x:::y',
  ].map(
    (LicenseArn): Row => ({
      section: '3.4',
      rule: `a LicenseArn that breaks the pattern is refused: "${LicenseArn}"`,
      source: 'service model, LicenseArn',
      steps: names => [licensed([ofLicense(names, { LicenseArn })], VALIDATION)],
      stored: 0,
    }),
  ),
];
