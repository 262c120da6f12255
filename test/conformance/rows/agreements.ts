import type { Expected, Row, Step } from '../row.ts';

const AGREEMENTS = 'service model of the Agreement API 2020-03-01';
const CATALOG = 'service model of the Catalog API 2018-09-17';
const QUOTAS = 'API reference, agreement-service-quotas';

const SELLER = '123456789012';
const license = (name: string): string => `arn:aws:license-manager::${SELLER}:license:l-${name}`;

/** By the time of the rows' clock, one agreement is in force and one has ended. */
const market = (permissions?: readonly string[]) => ({
  ...(permissions && { accounts: [{ id: SELLER, permissions }] }),
  products: [
    { code: 'first', dimensions: ['requests', 'users'], prices: [{ dimension: 'requests', price: '0.01' }] },
    { code: 'second', dimensions: ['gb'] },
  ],
  customers: [{ account: '111111111111' }, { account: '222222222222' }],
  agreements: [
    { product: 'first', customer: '111111111111', licenseArn: license('active') },
    {
      product: 'first',
      customer: '222222222222',
      licenseArn: license('ended'),
      start: '2026-10-01',
      end: '2026-11-22T10:00:00Z',
    },
  ],
});

const given = { catalog: market() };

type Filters = Readonly<Record<string, string>>;

const search = (filters: Filters, expect: Expected, more: object = {}): Step => ({
  operation: 'SearchAgreements',
  input: {
    catalog: 'AWSMarketplace',
    filters: Object.entries({ PartyType: 'Proposer', AgreementType: 'PurchaseAgreement', ...filters }).map(
      ([name, value]) => ({ name, values: [value] }),
    ),
    ...more,
  },
  expect,
});

type Summary = { readonly acceptor: { readonly accountId: string }; readonly status: string };

/** The accounts of the buyers that are found. */
const buyers = (...accounts: readonly string[]): Expected => ({
  body: {
    agreementViewSummaries: (found: readonly Summary[]) =>
      found
        .map(({ acceptor }) => acceptor.accountId)
        .sort()
        .join(' ') === accounts.join(' '),
  },
});

const [ACTIVE, ENDED] = ['111111111111', '222222222222'] as const;

const list = (input: object, expect: Expected): Step => ({
  operation: 'ListEntities',
  input: { Catalog: 'AWSMarketplace', EntityType: 'SaaSProduct', ...input },
  expect,
});

/** Section 11. */
export const AGREEMENT_ROWS: readonly Row[] = [
  {
    section: '11.1',
    rule: 'a proposer finds the agreements of all buyers, also those that have ended',
    source: AGREEMENTS,
    given,
    steps: () => [search({}, buyers(ACTIVE, ENDED))],
  },
  {
    section: '11.1',
    rule: 'filters by status, end and last update select agreements',
    source: AGREEMENTS,
    given,
    steps: () => [
      search({ Status: 'ACTIVE' }, buyers(ACTIVE)),
      search({ Status: 'CANCELLED' }, buyers(ENDED)),
      search({ AfterEndTime: '2026-11-22T09:00:00Z' }, buyers(ENDED)),
      search({ AfterLastUpdateTime: '2026-11-22T09:00:00Z' }, buyers(ENDED)),
    ],
  },
  {
    section: '11.1',
    rule: 'an agreement without an end has no endTime, and each names its license',
    source: AGREEMENTS,
    given,
    steps: () => [
      search(
        { LicenseArn: license('active') },
        {
          body: {
            agreementViewSummaries: [
              { endTime: undefined, entitlements: [{ licenseArn: license('active') }] },
            ],
          },
        },
      ),
    ],
  },
  {
    section: '11.1',
    rule: 'a page has at most maxResults agreements, and a token for the next',
    source: AGREEMENTS,
    given,
    steps: () => [
      search(
        {},
        {
          body: {
            agreementViewSummaries: (found: readonly object[]) => found.length === 1,
            nextToken: /^.+$/,
          },
        },
        { maxResults: 1 },
      ),
      search({}, { type: 'ValidationException' }, { maxResults: 51 }),
      search({}, { type: 'ValidationException' }, { nextToken: '1_x' }),
    ],
  },
  {
    section: '11.1',
    rule: 'an unknown filter, and another catalog, are rejected',
    source: AGREEMENTS,
    given,
    steps: () => [
      search({ Color: 'red' }, { type: 'ValidationException' }),
      search({}, { type: 'ValidationException' }, { catalog: 'Other' }),
    ],
  },
  {
    section: '11.1',
    rule: 'more than five searches a second are throttled',
    source: QUOTAS,
    given,
    steps: () => [
      ...Array.from({ length: 5 }, () => search({}, {})),
      search({}, { type: 'ThrottlingException' }),
    ],
  },
  {
    section: '11.2',
    rule: 'the terms of an unknown agreement are not found',
    source: AGREEMENTS,
    given,
    steps: () => [
      {
        operation: 'GetAgreementTerms',
        input: { agreementId: 'agmt-unknown' },
        expect: { type: 'ResourceNotFoundException' },
      },
    ],
  },
  {
    section: '11.3',
    rule: 'the products of the account are listed, and filtered by title',
    source: CATALOG,
    given,
    steps: () => [
      list({}, { body: { EntitySummaryList: [{ Name: 'first' }, { Name: 'second' }] } }),
      list(
        { EntityTypeFilters: { SaaSProductFilters: { ProductTitle: { WildCardValue: 'sec' } } } },
        { body: { EntitySummaryList: [{ Name: 'second' }] } },
      ),
      list({ EntityType: 'AmiProduct' }, { body: { EntitySummaryList: [] } }),
    ],
  },
  {
    section: '11.3',
    rule: 'errors have the statuses of the model: 422 for an invalid request, 404 for an unknown entity',
    source: CATALOG,
    given,
    steps: () => [
      list({ MaxResults: 51 }, { status: 422, type: 'ValidationException' }),
      {
        operation: 'DescribeEntity',
        input: { catalog: 'AWSMarketplace', entityId: 'prod-unknown' },
        expect: { status: 404, type: 'ResourceNotFoundException' },
      },
    ],
  },
  {
    section: '11.4',
    rule: 'each call needs its own permission',
    source: 'Service Authorization Reference, AWS Marketplace and AWS Marketplace Catalog',
    given: { catalog: market(['aws-marketplace:BatchMeterUsage']) },
    steps: () => [
      search({}, { type: 'AccessDeniedException' }),
      list({}, { status: 403, type: 'AccessDeniedException' }),
    ],
  },
];
