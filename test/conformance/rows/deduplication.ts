import {
  ACCEPTED,
  batch,
  licensed,
  meter,
  ofAccount,
  ofCustomer,
  ofLicense,
  register,
  resolve,
  SUCCESS,
  UUID,
} from '../calls.ts';
import type { Expected, Row } from '../row.ts';

const DUPLICATE: Expected = { statuses: ['DuplicateRecord'] };
const GUIDE = 'Seller Guide, metering-for-usage';
const RESULT = 'API reference, UsageRecordResult';
const BATCH = 'API reference, BatchMeterUsage';
const METER = 'API reference, MeterUsage';
const SKILL = "AWS's agent skill aws-marketplace-metering";
const RESENT = { 'identical-resend=duplicate': DUPLICATE };
const JSON_ID = { body: { MeteringRecordId: UUID } };

const allocated = (...quantities: readonly number[]) => ({
  Quantity: quantities.reduce((sum, quantity) => sum + quantity, 0),
  UsageAllocations: quantities.map((AllocatedUsageQuantity, place) => ({
    AllocatedUsageQuantity,
    Tags: [{ Key: 'team', Value: `team-${place}` }],
  })),
});

/** Sections 1.1 to 1.4. */
export const DEDUPLICATION: readonly Row[] = [
  {
    section: '1.1',
    rule: 'usage of one customer and dimension is recognized by its UTC hour',
    source: GUIDE,
    steps: names => [
      batch(names, [ofCustomer(names, { Timestamp: names.hour })], SUCCESS),
      batch(names, [ofCustomer(names, { Timestamp: names.now, Quantity: 4 })], DUPLICATE, {
        or: { 'dedup-time=exact': SUCCESS },
      }),
    ],
    stored: 1,
    storedWith: { 'dedup-time=exact': 2 },
  },
  {
    section: '1.1',
    rule: 'another quantity for the same customer, dimension and time is DuplicateRecord',
    source: RESULT,
    steps: names => [
      batch(names, [ofCustomer(names)], SUCCESS),
      batch(names, [ofCustomer(names, { Quantity: 4 })], DUPLICATE),
    ],
    stored: 1,
  },
  {
    section: '1.1',
    rule: 'the first quantity stays: requests are not summed, nor is the last one taken',
    source: GUIDE,
    steps: names => [
      batch(names, [ofAccount(names)], SUCCESS),
      batch(names, [ofAccount(names, { Quantity: 4 })], DUPLICATE),
      batch(names, [ofAccount(names, { Quantity: 7 })], DUPLICATE),
      batch(names, [ofAccount(names, { Quantity: 4 })], DUPLICATE),
      batch(names, [ofAccount(names)], SUCCESS, { or: RESENT }),
    ],
    stored: 1,
  },
  {
    section: '1.1',
    rule: 'an identical request may be sent again',
    source: BATCH,
    steps: names => [
      batch(names, [ofCustomer(names)], SUCCESS),
      batch(names, [ofCustomer(names)], SUCCESS, { or: RESENT }),
    ],
    stored: 1,
  },
  {
    section: '1.1',
    rule: 'a request may be sent again with a part of its records',
    source: BATCH,
    steps: names => [
      batch(names, [ofAccount(names), ofAccount(names, { Dimension: 'gb' })], {
        statuses: ['Success', 'Success'],
      }),
      batch(names, [ofAccount(names, { Dimension: 'gb' })], SUCCESS, { or: RESENT }),
    ],
    stored: 2,
  },
  {
    section: '1.1',
    rule: 'hours of one customer add up: each is a record of its own',
    source: 'Seller Guide, saas-integrate-subscription',
    steps: names => [
      batch(names, [ofAccount(names)], SUCCESS),
      batch(names, [ofAccount(names, { Timestamp: names.hour - 3600, Quantity: 4 })], SUCCESS),
    ],
    stored: 2,
  },
  {
    section: '1.1',
    rule: 'product, customer and dimension are parts of the key',
    source: GUIDE,
    steps: names => [
      batch(names, [ofAccount(names)], SUCCESS),
      batch(names, [ofAccount(names, { Dimension: 'gb', Quantity: 4 })], SUCCESS),
      batch(names, [ofAccount(names, { CustomerAWSAccountId: names.otherAccount, Quantity: 5 })], SUCCESS),
      batch(names, [ofAccount(names, { Quantity: 6 })], SUCCESS, { product: `${names.product}2` }),
    ],
    stored: 4,
  },
  {
    section: '1.1',
    rule: 'the agreements of one buyer are apart: the license is a part of the key',
    source: SKILL,
    steps: names => [
      licensed([ofLicense(names)], SUCCESS),
      licensed([ofLicense(names, { LicenseArn: names.otherLicense, Quantity: 4 })], SUCCESS),
      licensed([ofLicense(names, { Quantity: 4 })], DUPLICATE),
    ],
    stored: 2,
  },
  {
    section: '1.1',
    rule: 'each Region keeps records of its own',
    source: SKILL,
    steps: names => [
      batch(names, [ofAccount(names)], SUCCESS, { region: 'us-east-1' }),
      batch(names, [ofAccount(names, { Quantity: 4 })], SUCCESS, {
        region: 'eu-west-1',
        or: { 'dedup-region=all': DUPLICATE },
      }),
    ],
    stored: 2,
    storedWith: { 'dedup-region=all': 1 },
  },
  {
    section: '1.1',
    rule: 'usage by product code and usage by license are billed side by side',
    source: 'service model, BatchMeterUsageRequest.ProductCode',
    steps: names => [
      batch(names, [ofAccount(names)], SUCCESS),
      licensed([ofLicense(names, { Quantity: 4 })], SUCCESS),
    ],
    stored: 2,
  },
  {
    section: '1.1',
    rule: 'a quantity of 0 takes the hour like any other',
    source: SKILL,
    steps: names => [
      batch(names, [ofAccount(names, { Quantity: 0 })], SUCCESS),
      batch(names, [ofAccount(names)], DUPLICATE),
    ],
    stored: 1,
  },
  {
    section: '1.1',
    rule: 'Timestamp comes back as it was sent, not as the hour',
    source: "README of AWS's sample aws-marketplace-serverless-saas-integration, captured",
    steps: names => [
      batch(names, [ofAccount(names, { Timestamp: names.hour + 0.499 })], {
        body: { Results: [{ UsageRecord: { Timestamp: names.hour + 0.499 } }] },
      }),
    ],
  },
  {
    section: '1.1',
    rule: 'no Quantity is a quantity of 0',
    source: 'service model, UsageRecord.Quantity',
    steps: names => [
      batch(names, [ofAccount(names, { Quantity: undefined as never })], SUCCESS),
      batch(names, [ofAccount(names, { Quantity: 0 })], SUCCESS, { or: RESENT }),
      batch(names, [ofAccount(names, { Quantity: 1 })], DUPLICATE),
    ],
    stored: 1,
  },
  {
    section: '1.2',
    rule: 'an identical resend has the MeteringRecordId of the first time',
    source: 'silent for BatchMeterUsage; as MeterUsage documents it',
    steps: names => [
      batch(names, [ofAccount(names)], { ...SUCCESS, ids: 'a' }),
      batch(
        names,
        [ofAccount(names)],
        { ...SUCCESS, ids: 'a' },
        {
          or: {
            'identical-resend-id=new': { ...SUCCESS, ids: 'b' },
            'identical-resend=duplicate': DUPLICATE,
          },
        },
      ),
    ],
  },
  {
    section: '1.2',
    rule: 'DuplicateRecord has no MeteringRecordId',
    source: 'service model: the member is optional',
    steps: names => [
      batch(names, [ofAccount(names)], { ...SUCCESS, ids: '*' }),
      batch(
        names,
        [ofAccount(names, { Quantity: 4 })],
        { ...DUPLICATE, ids: '-' },
        {
          or: { 'result-id=present': { ...DUPLICATE, ids: 'b' } },
        },
      ),
    ],
  },
  {
    section: '1.2',
    rule: 'of two quantities for one key in one request the first is recorded',
    source: 'silent; as across requests',
    steps: names => [
      batch(
        names,
        [ofAccount(names), ofAccount(names, { Quantity: 4 })],
        { statuses: ['Success', 'DuplicateRecord'] },
        {
          or: {
            'in-request-conflict=last-wins': { statuses: ['DuplicateRecord', 'Success'] },
            'in-request-conflict=refused': { type: 'ValidationException' },
          },
        },
      ),
    ],
    stored: 1,
    storedWith: { 'in-request-conflict=refused': 0 },
  },
  {
    section: '1.2',
    rule: 'the same record twice in one request is recorded once',
    source: 'API reference, UsageRecord: repeated records are de-duplicated',
    steps: names => [
      batch(
        names,
        [ofAccount(names), ofAccount(names)],
        { statuses: ['Success', 'Success'], ids: 'aa' },
        {
          or: {
            'in-request-repeat=refused': { type: 'ValidationException' },
            'identical-resend=duplicate': { statuses: ['Success', 'DuplicateRecord'] },
            'identical-resend-id=new': { statuses: ['Success', 'Success'], ids: 'ab' },
          },
        },
      ),
    ],
    stored: 1,
    storedWith: { 'in-request-repeat=refused': 0 },
  },
  {
    section: '1.2',
    rule: 'the same quantity with other allocations is not identical',
    source: 'API reference, BatchMeterUsage: "identical" requests',
    steps: names => [
      batch(names, [ofAccount(names, allocated(2, 1))], SUCCESS),
      batch(names, [ofAccount(names, allocated(1, 2))], DUPLICATE, {
        or: { 'dedup-allocations=ignored': SUCCESS },
      }),
    ],
    stored: 1,
  },
  {
    section: '1.2',
    rule: 'each record has its own outcome; the others are recorded',
    source: RESULT,
    steps: names => [
      batch(names, [ofAccount(names)], SUCCESS),
      batch(names, [ofAccount(names, { Quantity: 4 }), ofAccount(names, { Dimension: 'gb' })], {
        statuses: ['DuplicateRecord', 'Success'],
      }),
    ],
    stored: 2,
  },
  {
    section: '1.3',
    rule: 'MeterUsage: requests that are identical when rounded down to the hour have one MeteringRecordId',
    source: METER,
    steps: names => [
      meter(names, { Timestamp: names.hour }, { ...JSON_ID, ids: 'a' }),
      meter(names, { Timestamp: names.now }, { ids: 'a' }),
    ],
    stored: 1,
  },
  {
    section: '1.3',
    rule: 'MeterUsage: another quantity for the hour is DuplicateRequestException',
    source: 'service model, DuplicateRequestException',
    steps: names => [
      meter(names, {}, ACCEPTED),
      meter(names, { UsageQuantity: 4 }, { type: 'DuplicateRequestException' }),
    ],
    stored: 1,
  },
  {
    section: '1.3',
    rule: 'MeterUsage: dimensions and hours are apart',
    source: METER,
    steps: names => [
      meter(names, {}, { ids: 'a' }),
      meter(names, { UsageDimension: 'gb', UsageQuantity: 4 }, { ids: 'b' }),
      meter(names, { Timestamp: names.hour - 3600, UsageQuantity: 4 }, { ids: 'c' }),
    ],
    stored: 3,
  },
  {
    section: '1.3',
    rule: 'MeterUsage: 0 at the start makes the value of that hour impossible',
    source: "AWS's sample aws-marketplace-metered-container-product",
    steps: names => [
      meter(names, { UsageQuantity: 0 }, ACCEPTED),
      meter(names, { UsageQuantity: 5 }, { type: 'DuplicateRequestException' }),
    ],
    stored: 1,
  },
  {
    section: '1.3',
    rule: 'MeterUsage: a ClientToken may be used again for the same request',
    source: METER,
    steps: names => [
      meter(names, { ClientToken: names.token }, { ids: 'a' }),
      meter(names, { ClientToken: names.token }, { ids: 'a' }),
    ],
    stored: 1,
  },
  {
    section: '1.3',
    rule: 'MeterUsage: a ClientToken used for other parameters is IdempotencyConflictException',
    source: 'service model, IdempotencyConflictException',
    steps: names => [
      meter(names, { ClientToken: names.token }, ACCEPTED),
      meter(
        names,
        { ClientToken: names.token, UsageDimension: 'gb' },
        { type: 'IdempotencyConflictException' },
        { or: { 'idempotency-conflict-status=409': { status: 409, type: 'IdempotencyConflictException' } } },
      ),
    ],
    stored: 1,
  },
  {
    section: '1.3',
    rule: 'MeterUsage: another ClientToken does not make the same hour another one',
    source: 'silent; the rule of the hour',
    steps: names => [
      meter(names, { ClientToken: `${names.token}1` }, { ids: 'a' }),
      meter(
        names,
        { ClientToken: `${names.token}2` },
        { ids: 'a' },
        {
          or: { 'new-client-token=duplicate': { type: 'DuplicateRequestException' } },
        },
      ),
    ],
    stored: 1,
  },
  {
    section: '1.3',
    rule: 'MeterUsage on AgentCore: reports of one hour add up as long as their tokens differ; elsewhere they do not',
    source: METER,
    steps: names => [
      meter(names, { ClientToken: `${names.token}1` }, { ids: 'a' }),
      meter(
        names,
        { ClientToken: `${names.token}2`, UsageQuantity: 4 },
        { type: 'DuplicateRequestException' },
        {
          or: { 'meter-usage=agentcore': { ids: 'b' } },
        },
      ),
    ],
    stored: 1,
    storedWith: { 'meter-usage=agentcore': 2 },
  },
  {
    section: '1.4',
    rule: 'RegisterUsage may be called again',
    source: 'API reference, RegisterUsage',
    steps: names => [
      register(names, {}, { body: { Signature: /^[\w-]+\.[\w-]+\.[\w-]+$/ } }),
      register(names, {}, { body: { Signature: /^[\w-]+\.[\w-]+\.[\w-]+$/ } }),
    ],
  },
  {
    section: '1.4',
    rule: 'a registration token gives the same answer again',
    source: 'Seller Guide, saas-product-customer-setup',
    given: names => ({
      catalog: {
        products: [{ code: names.product }],
        customers: [{ account: names.account, identifier: names.customer }],
        tokens: [{ token: names.token, product: names.product, customer: names.account }],
      },
    }),
    steps: names => {
      const buyer = { body: { CustomerAWSAccountId: names.account, ProductCode: names.product } };
      return [
        resolve(names.token, buyer),
        resolve(names.token, buyer, { or: { 'token-reuse=expired': { type: 'ExpiredTokenException' } } }),
      ];
    },
  },
];
