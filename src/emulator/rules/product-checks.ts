import type { Caller } from '../signing/verify-signature.ts';
import type { Check, CheckContext } from './check.ts';

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
