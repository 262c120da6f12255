import { billSame, recordKey } from '../operations/dedup.ts';
import type { RequestedUsage } from '../operations/request-facts.ts';
import type { Caller } from '../signing/verify-signature.ts';
import type { Check, CheckContext } from './check.ts';
import { type Refusal, refuse } from './refusals.ts';

/** The model allows an empty list, and no text explains its use. */
export const batchHasRecords: Check = ({ operation, usages }, { behaviours }) =>
  operation === 'BatchMeterUsage' && usages.length === 0 && behaviours['empty-batch'] === 'refused'
    ? refuse('ValidationException', 'UsageRecords is empty.')
    : undefined;

/** Two records with one key in a request, equal or not. By default this is decided record by record. */
export const keysAreDistinct: Check = ({ operation, productCode, usages }, { behaviours }) => {
  const conflict = behaviours['in-request-conflict'] === 'refused';
  const repeat = behaviours['in-request-repeat'] === 'refused';
  if (operation !== 'BatchMeterUsage' || (!conflict && !repeat)) return undefined;
  const seen = new Map<string, RequestedUsage>();
  for (const usage of usages) {
    const key = recordKey('', productCode, usage, behaviours);
    const before = seen.get(key);
    if (before === undefined) seen.set(key, usage);
    else if (billSame(before, usage, behaviours) ? repeat : conflict) return REPEATED_RECORD;
  }
  return undefined;
};

const REPEATED_RECORD: Refusal = refuse(
  'ValidationException',
  'Two records have the same customer, dimension and time.',
);

/** The access key identifies the task or pod that uses it. */
export const registrationOf = (productCode: string | undefined, { accessKeyId, region }: Caller): string =>
  JSON.stringify([region, accessKeyId, productCode]);

/**
 * A task or pod that has registered may register again, even when its agreement has ended since: only the first call can
 * fail. Source: RegisterUsage, API reference; Seller Guide, container-metering-registerusage.
 */
export const unlessRegistered =
  <C extends CheckContext>(check: Check<C>): Check<C> =>
  (facts, context) => {
    const { caller, memory } = context;
    const isRepeated =
      facts.operation === 'RegisterUsage' && memory.registered.has(registrationOf(facts.productCode, caller));
    return isRepeated ? undefined : check(facts, context);
  };
