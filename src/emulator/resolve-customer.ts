import type { Inputs, Outputs } from '../metering/wire.ts';
import { type Refusal, refuse } from './refusals.ts';
import { customerOf } from './registration-tokens.ts';

/** The buyer behind a token; asked again it is the same one. Source: Seller Guide, saas-product-customer-setup. */
export const resolveCustomer = ({
  RegistrationToken,
}: Inputs['ResolveCustomer']): Outputs['ResolveCustomer'] | Refusal =>
  customerOf(RegistrationToken) ?? refuse('InvalidTokenException');
