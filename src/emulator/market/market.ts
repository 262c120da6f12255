import type { Outputs, WireRecord } from '../../usage/wire.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import type { Usage } from '../operations/request-facts.ts';
import { arnOf, type Principal } from '../principal.ts';
import type { Check } from '../rules/check.ts';
import { type Refusal, refuse } from '../rules/refusals.ts';
import type { Caller } from '../signing/verify-signature.ts';

/** What a caller signs with. */
export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

export type Buyer = Outputs['ResolveCustomer'];

/** The two names of a customer, as far as there are both. */
export type Identities = Pick<WireRecord, 'CustomerIdentifier' | 'CustomerAWSAccountId'>;

/** Where and for what usage is reported. */
export type Reported = {
  readonly productCode: string | undefined;
  readonly usage: Usage;
  readonly now: Date;
};

/**
 * What there is outside the service: accounts, products, customers, agreements. Two answer for it: the open market, in
 * which everything exists that is not a test value, and a catalog, outside of which nothing exists. The rules ask in
 * their own order (see `CHECKS`); an answer here never depends on another question having been asked before.
 */
export type Market = {
  /** Those of somebody who may call; undefined: nobody has any. */
  readonly credentials: Credentials | undefined;
  /** The secret of the key, when it is used with this session token; undefined: no such key. */
  readonly secretOf: (accessKeyId: string, sessionToken: string | undefined) => string | undefined;
  /** Somebody holds every key: when signatures are not checked, keys may be made up. */
  readonly principalOf: (accessKeyId: string) => Principal;
  /** Whether the holder of the key may do this at all: `aws-marketplace:BatchMeterUsage`. */
  readonly permits: (accessKeyId: string, action: string) => boolean;

  readonly apiIsEnabled: Check;
  readonly productIsKnown: Check;
  /** Whether the caller may run the product, and runs where it says. */
  readonly callerIsEntitled: Check;
  readonly tokenIsValid: Check;
  readonly licensesAreValid: Check;
  readonly licensesAreOfOneProduct: Check;
  readonly customersExist: Check;
  /** Whether each account has ever agreed to what is reported: not whether that agreement is in force. */
  readonly accountsHaveAgreements: Check;
  readonly dimensionsAreKnown: Check;

  /** Whether the customer has an agreement under which this usage is billed; if not, the record's status says so. */
  readonly isSubscribed: (reported: Reported) => boolean;
  /** Both identities of the customer of a record, what was sent among them. */
  readonly identitiesOf: (usage: Usage) => Identities;
  /** Undefined when the token is not valid. */
  readonly buyerBehind: (token: string, now: Date) => Buyer | undefined;
  /** When this version of the product's public key was replaced, in epoch seconds; undefined: it is in force. */
  readonly keyReplacedAt: (productCode: string, publicKeyVersion: number, now: Date) => number | undefined;
};

/** The checks whose answers the market has. */
export type MarketCheck = {
  readonly [K in keyof Market]: Market[K] extends Check ? K : never;
}[keyof Market];

/** Text and status as a RegisterUsage call was seen to be refused with; IAM's texts are the same for all services. */
export const notPermitted = (
  caller: Caller,
  action: string,
  { isDryRun, behaviours }: { readonly isDryRun: boolean; readonly behaviours: Behaviours },
): Refusal => {
  const message = `User: ${arnOf(caller, caller.region)} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
  const isUnauthorized = isDryRun && behaviours['dry-run-denied'] === 'unauthorized';
  const error = isUnauthorized ? 'UnauthorizedException' : 'AccessDeniedException';
  return refuse(error, message, Number(behaviours['access-denied-status']));
};
