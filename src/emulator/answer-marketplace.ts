import { type Answer, answer, type Times } from './answer.ts';
import { SEARCH_SHAPE, searchAgreements } from './marketplace/agreements.ts';
import { DESCRIBE_SHAPE, describeEntity, LIST_SHAPE, listEntities } from './marketplace/entities.ts';
import type { Listing } from './marketplace/listing.ts';
import { MARKETPLACE, type MarketplaceOperation, servedAs } from './marketplace/model.ts';
import { agreementTerms, TERMS_SHAPE } from './marketplace/terms.ts';
import { parseObject } from './operations/operation.ts';
import { isRefusal, type Refusal, refuse } from './rules/refusals.ts';
import { read, type Shape } from './rules/shape.ts';
import { callerOf, permissionRefusal, type Service } from './service.ts';
import type { SignedRequest } from './signing/signing.ts';
import type { Caller } from './signing/verify-signature.ts';

/** Answers a call of the Agreement API or of the Catalog API. Faults affect the metering service only. */
export const answerMarketplace = (
  operation: MarketplaceOperation,
  request: SignedRequest,
  service: Service,
  { rules, real }: Times,
): Answer => {
  const market = service.marketplace.market();
  const caller = callerOf(request, service, market, [real, rules], MARKETPLACE.signingName);
  if (caller.kind === 'refusal') return answer(statusOf(caller, operation), { operation });
  const facts = { operation, region: caller.region, caller };
  const refusal = service.marketplaceApis.admits(caller.accountId, operation, real)
    ? permissionRefusal(service, market, caller, `aws-marketplace:${operation}`)
    : refuse('ThrottlingException', 'Rate exceeded');
  const result =
    refusal ?? resultOf(operation, request, { service, caller, now: rules, listing: market.listing });
  return answer(
    isRefusal(result) ? statusOf(result, operation) : { kind: 'marketplace', members: result },
    facts,
  );
};

type Context = {
  readonly service: Service;
  readonly caller: Caller;
  readonly now: Date;
  readonly listing: Listing;
};

const resultOf = (
  operation: MarketplaceOperation,
  request: SignedRequest,
  { service, caller: { accountId }, now, listing }: Context,
): object => {
  const { pager } = service.marketplaceApis;
  const body = operation === 'DescribeEntity' ? queryOf(request.url) : parseObject(request.body);
  if (body === undefined) return refuse('SerializationException');
  const withInput = <T>(shape: Shape<T>, run: (input: T) => object | Refusal): object => {
    const input = read(shape, body);
    return input.ok ? run(input.value) : refuse('ValidationException', input.message);
  };
  switch (operation) {
    case 'SearchAgreements':
      return withInput(SEARCH_SHAPE, input => searchAgreements(input, listing, accountId, now, pager));
    case 'GetAgreementTerms':
      return withInput(TERMS_SHAPE, input => agreementTerms(input, listing, accountId, pager));
    case 'ListEntities':
      return withInput(LIST_SHAPE, input => listEntities(input, listing, accountId, pager));
    case 'DescribeEntity':
      return withInput(DESCRIBE_SHAPE, input => describeEntity(input, listing, accountId));
    default:
      return operation satisfies never;
  }
};

const queryOf = (url: string): object =>
  Object.fromEntries(new URLSearchParams(url.split('?').slice(1).join('?')));

/** The Catalog API has statuses of its own. Source: its service model. */
const CATALOG_STATUS: Readonly<Record<string, number>> = {
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  ThrottlingException: 429,
  ValidationException: 422,
};

const statusOf = (refusal: Refusal, operation: MarketplaceOperation): Refusal =>
  servedAs(operation).api === 'catalog'
    ? { ...refusal, status: CATALOG_STATUS[refusal.error] ?? refusal.status }
    : refusal;
