import { batch, licensed, meter, ofAccount, ofLicense, SUCCESS } from '../calls.ts';
import type { Expected, Given, Names, Row } from '../row.ts';

const BATCH = 'API reference, BatchMeterUsage';
const SKILL = "AWS's agent skill aws-marketplace-metering";
const TOO_OLD: Expected = { type: 'TimestampOutOfBoundsException' };
const NOT_SUBSCRIBED: Expected = { statuses: ['CustomerNotSubscribed'] };
const NO_LICENSE: Expected = { type: 'InvalidLicenseException' };

const seconds = (instant: string): number => Date.parse(instant) / 1000;

/** Usage of one instant, reported at another instant. */
const reported = (
  rule: string,
  [of, at]: readonly [string, string],
  expect: Expected,
  or: Readonly<Record<string, Expected>> = {},
  source = BATCH,
): Row => ({
  section: '2.1',
  rule,
  source,
  given: { clock: at },
  steps: names => [batch(names, [ofAccount(names, { Timestamp: seconds(of) })], expect, { or })],
  stored: expect === SUCCESS ? 1 : 0,
  storedWith: Object.fromEntries(
    Object.entries(or).map(([reading, expected]) => [reading, expected === SUCCESS ? 1 : 0]),
  ),
});

const NOW = '2026-11-22T10:30:00Z';

const meteredAt = (
  rule: string,
  of: string,
  expect: Expected,
  or: Readonly<Record<string, Expected>> = {},
): Row => ({
  section: '2.1',
  rule,
  source: 'API reference, MeterUsage',
  given: { clock: NOW },
  steps: names => [meter(names, { Timestamp: seconds(of) }, expect, { or })],
});

/** A product, and one customer with this agreement. */
const agreed =
  (agreement: object, customer: object = {}) =>
  (names: Names): Given => ({
    catalog: {
      products: [{ code: names.product }],
      customers: [{ account: names.account, identifier: names.customer, ...customer }],
      agreements: [{ product: names.product, customer: names.account, ...agreement }],
    },
  });

const agreedWithLicense =
  (agreement: object) =>
  (names: Names): Given =>
    agreed({ licenseArn: names.license, ...agreement })(names);

/** Sections 2.1 and 2.2. */
export const TIME: readonly Row[] = [
  reported('23:59:59 old is accepted', ['2026-11-21T10:30:01Z', NOW], SUCCESS, {
    'batch-window=6h': TOO_OLD,
    'batch-window=6h-from-hour': TOO_OLD,
    'batch-window=1h': TOO_OLD,
  }),
  reported('24 hours old is refused', ['2026-11-21T10:30:00Z', NOW], TOO_OLD, {
    'batch-window=24h-from-hour': SUCCESS,
  }),
  reported(
    'a record of the hour 24 hours before the current one is refused in its second half',
    ['2026-11-21T10:00:00Z', NOW],
    TOO_OLD,
    { 'batch-window=24h-from-hour': SUCCESS },
    'silent for 24 hours; Red Hat, rhsm-subscriptions, pull request 2641, for 6',
  ),
  reported('more than 24 hours are refused however they are counted', ['2026-11-21T09:59:59Z', NOW], TOO_OLD),
  reported(
    'until 06:00 UTC on the 1st the month before is accepted',
    ['2026-11-30T23:00:00Z', '2026-12-01T05:59:59Z'],
    SUCCESS,
  ),
  reported(
    'from 06:00 UTC on the 1st the month before is refused, however recent',
    ['2026-11-30T23:59:59Z', '2026-12-01T06:00:00Z'],
    TOO_OLD,
    {
      'batch-window=6h': TOO_OLD,
    },
  ),
  reported(
    'from 06:00 UTC on the 1st the new month is accepted',
    ['2026-12-01T00:00:00Z', '2026-12-01T06:00:00Z'],
    SUCCESS,
    {
      'batch-window=6h': TOO_OLD,
      'batch-window=6h-from-hour': SUCCESS,
    },
  ),
  reported('the month ends at midnight UTC', ['2026-11-30T23:59:59.999Z', '2026-12-01T06:30:00Z'], TOO_OLD),
  reported('also at the end of the year', ['2026-12-31T12:00:00Z', '2027-01-01T06:00:00Z'], TOO_OLD),
  reported(
    '24 hours are 24 hours on the 2nd as well',
    ['2026-12-01T11:00:00Z', '2026-12-02T10:30:00Z'],
    SUCCESS,
  ),
  reported(
    'the hour that is not over yet is accepted',
    ['2026-11-22T10:29:59Z', NOW],
    SUCCESS,
    {},
    "AWS's samples: they send now()",
  ),
  reported('this very instant is accepted', [NOW, NOW], SUCCESS, {}, "AWS's samples: they send now()"),
  reported(
    'the future is refused',
    ['2026-11-22T12:00:00Z', NOW],
    TOO_OLD,
    { 'future=accepted': SUCCESS, 'future=5m': TOO_OLD, 'future=this-hour': TOO_OLD },
    SKILL,
  ),
  reported(
    'a clock that is a little ahead is refused',
    ['2026-11-22T10:34:00Z', NOW],
    TOO_OLD,
    { 'future=accepted': SUCCESS, 'future=5m': SUCCESS, 'future=this-hour': SUCCESS },
    'silent',
  ),
  {
    section: '2.1',
    rule: 'usage of three days ago is refused, whatever the date',
    source: BATCH,
    steps: names => [batch(names, [ofAccount(names, { Timestamp: names.now - 3 * 86_400 })], TOO_OLD)],
    stored: 0,
  },
  meteredAt('MeterUsage: 5:59:59 old is accepted', '2026-11-22T04:30:01Z', {}),
  meteredAt('MeterUsage: 6 hours old is refused', '2026-11-22T04:30:00Z', TOO_OLD, {
    'meter-window=6h-from-hour': {},
  }),
  meteredAt('MeterUsage: 7 hours are refused however they are counted', '2026-11-22T03:30:00Z', TOO_OLD),
  meteredAt('MeterUsage: the future is refused', '2026-11-22T12:00:00Z', TOO_OLD, { 'future=accepted': {} }),
  {
    section: '2.1',
    rule: 'MeterUsage: usage of a day ago is refused, whatever the date',
    source: 'API reference, MeterUsage',
    steps: names => [meter(names, { Timestamp: names.now - 86_400 }, TOO_OLD)],
    stored: 0,
  },
  {
    section: '2.2',
    rule: 'before subscribe-success nothing is metered',
    source: 'Seller Guide, saas-integrate-subscription',
    given: agreed({ state: 'pending' }),
    steps: names => [batch(names, [ofAccount(names)], NOT_SUBSCRIBED)],
    stored: 0,
  },
  {
    section: '2.2',
    rule: 'usage from before the agreement is not metered',
    source: 'Seller Guide, saas-product-customer-setup',
    given: agreed({ start: '2026-11-22T10:00:00Z' }),
    steps: names => [
      batch(names, [ofAccount(names, { Timestamp: names.now - 7200 })], NOT_SUBSCRIBED),
      batch(names, [ofAccount(names, { Timestamp: names.now - 60 })], SUCCESS),
    ],
    stored: 1,
  },
  {
    section: '2.2',
    rule: 'after unsubscribe-pending there is an hour for the last records, and then none',
    source: 'Seller Guide, saas-notification',
    given: agreed({ end: '2026-11-22T10:30:00Z' }),
    steps: names => [
      batch(names, [ofAccount(names, { Timestamp: names.now - 1800 })], SUCCESS, {
        at: '2026-11-22T11:29:59Z',
      }),
      batch(names, [ofAccount(names, { Timestamp: names.now - 7200 })], NOT_SUBSCRIBED, {
        at: '2026-11-22T11:30:00Z',
      }),
    ],
    stored: 1,
  },
  {
    section: '2.2',
    rule: 'after unsubscribe-success nothing more is accepted',
    source: 'Seller Guide, saas-notification',
    given: agreed({ state: 'ended' }),
    steps: names => [batch(names, [ofAccount(names)], NOT_SUBSCRIBED)],
    stored: 0,
  },
  {
    section: '2.2',
    rule: 'whoever has subscribed again is subscribed',
    source: 'Seller Guide, saas-notification',
    given: names => {
      const bought = { product: names.product, customer: names.account };
      return {
        catalog: {
          products: [{ code: names.product }],
          customers: [{ account: names.account }],
          agreements: [
            { ...bought, end: '2026-11-01' },
            { ...bought, start: '2026-11-20' },
          ],
        },
      };
    },
    steps: names => [batch(names, [ofAccount(names)], SUCCESS)],
    stored: 1,
  },
  {
    section: '2.2',
    rule: 'usage outside of the license period is InvalidLicenseException',
    source: 'service model, InvalidLicenseException',
    given: agreedWithLicense({ start: '2026-11-22T10:00:00Z' }),
    steps: names => [
      licensed([ofLicense(names, { Timestamp: names.now - 7200 })], NO_LICENSE, {
        or: { 'licence-period=not-subscribed': NOT_SUBSCRIBED },
      }),
      licensed([ofLicense(names, { Timestamp: names.now - 60 })], SUCCESS),
    ],
    stored: 1,
  },
  {
    section: '2.2',
    rule: 'reports for an ended license are accepted for an hour, and are CustomerNotSubscribed then',
    source: SKILL,
    given: agreedWithLicense({ end: '2026-11-22T10:30:00Z' }),
    steps: names => [
      licensed([ofLicense(names, { Timestamp: names.now - 1800 })], SUCCESS, { at: '2026-11-22T11:29:59Z' }),
      licensed([ofLicense(names, { Timestamp: names.now - 7200 })], NOT_SUBSCRIBED, {
        at: '2026-11-22T11:30:00Z',
      }),
    ],
    stored: 1,
  },
  {
    section: '2.2',
    rule: 'the records of a suspended account are CustomerNotSubscribed',
    source: 'API reference, UsageRecordResult',
    given: agreed({}, { suspended: true }),
    steps: names => [batch(names, [ofAccount(names)], NOT_SUBSCRIBED)],
    stored: 0,
  },
];
