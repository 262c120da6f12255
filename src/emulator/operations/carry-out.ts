import type { Outputs } from '../../usage/wire.ts';
import type { Refusal } from '../rules/refusals.ts';
import { batchMeterUsage } from './batch-meter-usage.ts';
import { meterUsage } from './meter-usage.ts';
import type { Call } from './operation.ts';
import { registerUsage } from './register-usage.ts';
import type { Request } from './request-facts.ts';
import { resolveCustomer } from './resolve-customer.ts';

export type Output = Outputs[keyof Outputs];

/** Does what was asked. The checks have passed; what is refused here depends on what was stored before. */
export const carryOut = (
  { operation, input }: Request,
  call: Call,
): Output | Refusal | Promise<Output | Refusal> => {
  switch (operation) {
    case 'BatchMeterUsage':
      return batchMeterUsage(input, call);
    case 'MeterUsage':
      return meterUsage(input, call);
    case 'RegisterUsage':
      return registerUsage(input, call);
    case 'ResolveCustomer':
      return resolveCustomer(input, call);
    default:
      return operation satisfies never;
  }
};
