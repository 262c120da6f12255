import type { Market, MarketCheck } from '../market/market.ts';
import type { RequestFacts } from '../operations/request-facts.ts';
import { allocationsAddUp, tagsAreValid } from './allocation-checks.ts';
import type { Check, CheckContext } from './check.ts';
import { identitiesAreComplete, licensesHaveValidForm, productGoesWithIdentity } from './identity-checks.ts';
import { firstRefusal, type Refusal } from './refusals.ts';
import { batchHasRecords, keysAreDistinct, unlessRegistered } from './request-checks.ts';
import { timestampsAreInWindow } from './timestamp-check.ts';

type Context = CheckContext & { readonly market: Market };

/** The first refusal; undefined when the request may be carried out. */
export const refusalOf = (facts: RequestFacts, context: Context): Refusal | undefined => {
  const { behaviours } = context;
  if (facts.isDryRun && behaviours['dry-run-checks'] === 'permission') return undefined;
  const checkAll = (request: RequestFacts): Refusal | undefined =>
    firstRefusal(CHECKS, check => check(request, context));
  return behaviours['check-order'] === 'by-check'
    ? checkAll(facts)
    : (firstRefusal(facts.usages, usage => checkAll({ ...facts, usages: [usage] })) ?? checkAll(facts));
};

/** A question that the open market and a catalog each answer in their own way. */
const market =
  (question: MarketCheck): Check<Context> =>
  (facts, context) =>
    context.market[question](facts, context);

/** An unknown customer may be a problem of one record only, which its status reports. */
const unlessPerRecord =
  (behaviour: 'unknown-customer' | 'unknown-account', check: Check<Context>): Check<Context> =>
  (facts, context) =>
    context.behaviours[behaviour] === 'exception' ? check(facts, context) : undefined;

/**
 * What the service checks before it stores anything, in this order. Each check sees the whole request, and one bad
 * record rejects all of it. AWS publishes neither the order nor whether a message names the record.
 */
const CHECKS: readonly Check<Context>[] = [
  batchHasRecords,
  market('apiIsEnabled'),
  market('productIsKnown'),
  unlessRegistered(market('callerIsEntitled')),
  market('tokenIsValid'),
  identitiesAreComplete,
  productGoesWithIdentity,
  licensesHaveValidForm,
  market('licensesAreValid'),
  market('licensesAreOfOneProduct'),
  unlessPerRecord('unknown-customer', market('customersExist')),
  unlessPerRecord('unknown-account', market('accountsHaveAgreements')),
  timestampsAreInWindow,
  market('dimensionsAreKnown'),
  tagsAreValid,
  allocationsAddUp,
  keysAreDistinct,
];
