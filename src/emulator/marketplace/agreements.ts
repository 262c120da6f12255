import type { EpochMs } from '../../usage/hours.ts';
import { type Refusal, refuse } from '../rules/refusals.ts';
import { integer, list, optional, required, type Shape, structure, text } from '../rules/shape.ts';
import { type ListedAgreement, type Listing, stateAt } from './listing.ts';
import type { Pager } from './page-tokens.ts';

type Filter = { readonly name: string; readonly values: string[] };

export type SearchInput = {
  readonly catalog?: string;
  readonly filters?: Filter[];
  readonly sort?: { readonly sortBy?: string; readonly sortOrder?: string };
  readonly maxResults?: number;
  readonly nextToken?: string;
};

/** Source: service model 2020-03-01: a filter has one value, and at most ten filters are combined. */
export const SEARCH_SHAPE: Shape<SearchInput> = structure<SearchInput>({
  catalog: optional(text({ minLength: 1, maxLength: 64, pattern: /^[a-zA-Z0-9.-]+$/ })),
  filters: optional(
    list(
      structure<Filter>({
        name: required(text({ minLength: 1, maxLength: 32, pattern: /^[A-Za-z_]+$/ })),
        values: required(
          list(text({ minLength: 1, maxLength: 64, pattern: /^[A-Za-z0-9+:_-]+$/ }), { min: 1, max: 1 }),
        ),
      }),
      { min: 1, max: 10 },
    ),
  ),
  sort: optional(
    structure<NonNullable<SearchInput['sort']>>({
      sortBy: optional(text({})),
      sortOrder: optional(text({})),
    }),
  ),
  maxResults: optional(integer({ min: 1, max: 50 })),
  nextToken: optional(text({ maxLength: 8192 })),
});

/** An agreement that is searched, at one time. */
type Found = ListedAgreement & ReturnType<typeof stateAt>;

/** Whether a value of a filter selects an agreement; `NaN` in a comparison selects none. */
type Matcher = (agreement: Found, value: string) => boolean;

const before =
  (timeOf: (agreement: Found) => EpochMs): Matcher =>
  (agreement, value) =>
    Number.isFinite(timeOf(agreement)) && timeOf(agreement) < Date.parse(value);

const after =
  (timeOf: (agreement: Found) => EpochMs): Matcher =>
  (agreement, value) =>
    Number.isFinite(timeOf(agreement)) && timeOf(agreement) > Date.parse(value);

/** Source: the text of SearchAgreementsInput in the service model. */
const FILTERS: ReadonlyMap<string, Matcher> = new Map<string, Matcher>([
  ['AgreementType', (_, value) => value === 'PurchaseAgreement'],
  ['ResourceIdentifier', ({ product }, value) => product.entityId === value],
  ['ResourceType', (_, value) => value === 'SaaSProduct'],
  ['AcceptorAccountId', ({ acceptor }, value) => acceptor === value],
  ['OfferId', ({ offerId }, value) => offerId === value],
  ['Status', ({ status }, value) => status === value],
  ['BeforeEndTime', before(({ endMs }) => endMs)],
  ['AfterEndTime', after(({ endMs }) => endMs)],
  ['BeforeStartTime', before(({ startMs }) => startMs)],
  ['AfterStartTime', after(({ startMs }) => startMs)],
  ['BeforeLastUpdateTime', before(({ updatedMs }) => updatedMs)],
  ['AfterLastUpdateTime', after(({ updatedMs }) => updatedMs)],
  ['OfferSetId', () => false],
  ['EndTimeBehaviorType', ({ endMs }, value) => Number.isFinite(endMs) && value === 'EXPIRE'],
  ['EndTimeBehaviorReasonCode', ({ endMs }, value) => Number.isFinite(endMs) && value === 'NO_RENEWAL_TERM'],
  ['InitialAgreementId', ({ id }, value) => id === value],
  ['LicenseArn', ({ licenseArn }, value) => licenseArn === value],
]);

const SORTS: ReadonlyMap<string, (agreement: Found) => EpochMs> = new Map([
  ['EndTime', ({ endMs }: Found) => endMs],
  ['StartTime', ({ startMs }: Found) => startMs],
  ['LastUpdateTime', ({ updatedMs }: Found) => updatedMs],
]);

const DEFAULT_RESULTS = 50;

/** The agreements of the caller's account. Which filters an acceptor may combine is not checked. */
export const searchAgreements = (
  input: SearchInput,
  { agreements }: Listing,
  accountId: string,
  now: Date,
  pager: Pager,
): object | Refusal => {
  const {
    catalog = 'AWSMarketplace',
    filters = [],
    sort = {},
    maxResults = DEFAULT_RESULTS,
    nextToken,
  } = input;
  if (catalog !== 'AWSMarketplace') return invalid('The catalog must be AWSMarketplace.');
  const party = filters.find(({ name }) => name === 'PartyType')?.values[0] ?? 'Proposer';
  if (party !== 'Proposer' && party !== 'Acceptor') return invalid('PartyType must be Proposer or Acceptor.');
  if (!filters.some(({ name }) => name === 'AgreementType')) return invalid('AgreementType is required.');
  const matchers: ((agreement: Found) => boolean)[] = [];
  for (const { name, values } of filters) {
    if (name === 'PartyType') continue;
    const matcher = FILTERS.get(name);
    const [value = ''] = values;
    if (matcher === undefined) return invalid(`The filter ${name} is not supported.`);
    if (/^(Before|After)/.test(name) && Number.isNaN(Date.parse(value)))
      return invalid(`The value of ${name} is not a time.`);
    matchers.push(agreement => matcher(agreement, value));
  }
  const timeOf = SORTS.get(sort.sortBy ?? 'EndTime');
  if (timeOf === undefined) return invalid('SortBy must be EndTime, StartTime or LastUpdateTime.');
  const direction = sort.sortOrder === 'DESCENDING' ? -1 : 1;
  const found = agreements
    .filter(({ product, acceptor }) => (party === 'Proposer' ? product.owner : acceptor) === accountId)
    .map((agreement): Found => ({ ...agreement, ...stateAt(agreement, now) }))
    .filter(agreement => matchers.every(matches => matches(agreement)))
    .sort((a, b) => direction * compare(timeOf(a), timeOf(b)) || (a.id < b.id ? -1 : 1));
  const page = pager(found, JSON.stringify([accountId, filters, sort]), maxResults, nextToken);
  if (page === undefined) return invalid('The nextToken is not valid.');
  return {
    agreementViewSummaries: page.items.map(summaryOf),
    ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
  };
};

/** Infinite times are equal. */
const compare = (a: EpochMs, b: EpochMs): number => (a === b ? 0 : a - b);

const summaryOf = (agreement: Found): object => {
  const { id, product, acceptor, offerId, licenseArn, startMs, endMs, updatedMs, status } = agreement;
  return {
    agreementId: id,
    acceptanceTime: startMs / 1000,
    startTime: startMs / 1000,
    ...(Number.isFinite(endMs) && { endTime: endMs / 1000 }),
    lastUpdateTime: updatedMs / 1000,
    agreementType: 'PurchaseAgreement',
    acceptor: { accountId: acceptor },
    proposer: { accountId: product.owner },
    proposalSummary: { resources: [{ id: product.entityId, type: 'SaaSProduct' }], offerId },
    status,
    ...(licenseArn !== undefined && { entitlements: [{ licenseArn }] }),
    initialAgreementId: id,
    ...(Number.isFinite(endMs) && {
      endTimeBehaviorType: 'EXPIRE',
      endTimeBehaviorReasonCode: 'NO_RENEWAL_TERM',
    }),
  };
};

const invalid = (message: string): Refusal => refuse('ValidationException', message);
