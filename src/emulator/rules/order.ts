import type { Behaviours } from '../behaviours/behaviours.ts';
import type { Market, MarketCheck } from '../market/market.ts';
import type { Memory } from '../operations/operation.ts';
import type { RequestFacts } from '../operations/request-facts.ts';
import type { Caller } from '../signing/verify-signature.ts';
import { allocationsAddUp, tagsAreValid } from './allocation-checks.ts';
import { first } from './first.ts';
import { identitiesAreWhole, licencesHaveTheirForm, productGoesWithIdentity } from './identity-checks.ts';
import { unlessRegistered } from './product-checks.ts';
import type { Refusal } from './refusals.ts';
import { batchHasRecords, keysAreDistinct } from './request-checks.ts';
import { timestampsAreInWindow } from './timestamp-check.ts';

export type Circumstances = {
  readonly now: Date;
  readonly caller: Caller;
  readonly market: Market;
  readonly memory: Memory;
  /** Whether usage can be too old, or in the future. */
  readonly window: 'on' | 'off';
  readonly behaviours: Behaviours;
};

/** Looks at a whole request; undefined: go on. */
export type Check = (asked: RequestFacts, circumstances: Circumstances) => Refusal | undefined;

/** A question that the open market and a catalog answer each in its own way. */
const market =
  (question: MarketCheck): Check =>
  (asked, circumstances) =>
    circumstances.market[question](asked, circumstances);

/** A customer that does not exist may be the fault of the record alone; its status says so then. */
const unlessPerRecord =
  (behaviour: 'unknown-customer' | 'unknown-account', check: Check): Check =>
  (asked, circumstances) =>
    circumstances.behaviours[behaviour] === 'exception' ? check(asked, circumstances) : undefined;

/**
 * What the service looks at before it stores anything, in this order. Each check sees the whole request, and one bad
 * record refuses all of it. AWS publishes neither order nor whether a message names the record.
 */
export const CHECKS: readonly Check[] = [
  batchHasRecords,
  market('apiIsEnabled'),
  market('productIsKnown'),
  unlessRegistered(market('callerIsEntitled')),
  market('tokenIsValid'),
  identitiesAreWhole,
  productGoesWithIdentity,
  licencesHaveTheirForm,
  market('licencesAreValid'),
  market('licencesAreOfOneProduct'),
  unlessPerRecord('unknown-customer', market('customersExist')),
  unlessPerRecord('unknown-account', market('accountsHaveAgreements')),
  timestampsAreInWindow,
  market('dimensionsAreKnown'),
  tagsAreValid,
  allocationsAddUp,
  keysAreDistinct,
];

/** The first refusal; undefined when the request may be carried out. */
export const refusalOf = (asked: RequestFacts, circumstances: Circumstances): Refusal | undefined => {
  const { behaviours } = circumstances;
  if (asked.isDryRun && behaviours['dry-run-checks'] === 'permission') return undefined;
  const whole = (request: RequestFacts): Refusal | undefined =>
    first(CHECKS, check => check(request, circumstances));
  return behaviours['check-order'] === 'by-check'
    ? whole(asked)
    : (first(asked.usages, usage => whole({ ...asked, usages: [usage] })) ?? whole(asked));
};
