import type { Caller } from '../signing/verify-signature.ts';
import type { Check } from './order.ts';

/** The key stands for the task or pod that uses it. */
export const registrationOf = (productCode: string | undefined, { accessKeyId, region }: Caller): string =>
  JSON.stringify([region, accessKeyId, productCode]);

/**
 * What has registered may register again, whatever has become of its agreement: errors come with the first call alone.
 * Source: RegisterUsage, API reference; Seller Guide, container-metering-registerusage.
 */
export const unlessRegistered =
  (check: Check): Check =>
  (asked, circumstances) => {
    const { caller, memory } = circumstances;
    const isAgain =
      asked.operation === 'RegisterUsage' && memory.registered.has(registrationOf(asked.productCode, caller));
    return isAgain ? undefined : check(asked, circumstances);
  };
