import type { EpochSeconds } from '../../usage/hours.ts';
import type { Outputs, WireRecord } from '../../usage/wire.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import type { Listing } from '../marketplace/listing.ts';
import type { RequestedUsage } from '../operations/request-facts.ts';
import { arnOf, type Principal } from '../principal.ts';
import type { Check } from '../rules/check.ts';
import { type Refusal, refuse } from '../rules/refusals.ts';
import type { Caller } from '../signing/verify-signature.ts';

/** The key that a caller signs with. */
export type AccessKey = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

export type Buyer = Outputs['ResolveCustomer'];

/** The identifiers of a customer; one of them may be unknown. */
export type Identities = Pick<WireRecord, 'CustomerIdentifier' | 'CustomerAWSAccountId'>;

/** Usage that is reported, for which product and when. */
export type Reported = {
  readonly productCode: string | undefined;
  readonly usage: RequestedUsage;
  readonly now: Date;
};

/**
 * What exists outside the service: accounts, products, customers, agreements. There are two implementations: the open
 * market, in which everything exists except the test values, and a catalog, outside of which nothing exists. The checks run
 * in their own order (see `CHECKS`); no answer depends on an earlier question.
 */
export type Market = {
  /** A key that may call; undefined: there is no key. */
  readonly credentials: AccessKey | undefined;
  /** The secret of the key when used with this session token; undefined: no such key. */
  readonly secretOf: (accessKeyId: string, sessionToken: string | undefined) => string | undefined;
  /** Every key has an owner: when signatures are not checked, callers may invent keys. */
  readonly principalOf: (accessKeyId: string) => Principal;
  /** Whether the owner of the key may perform an action such as `aws-marketplace:BatchMeterUsage`. */
  readonly permits: (accessKeyId: string, action: string) => boolean;

  /** What the Agreement API and the Catalog API show. */
  readonly listing: Listing;

  readonly apiIsEnabled: Check;
  readonly productIsKnown: Check;
  /** Whether the caller may run the product, and runs it in the right place. */
  readonly callerIsEntitled: Check;
  readonly tokenIsValid: Check;
  readonly licensesAreValid: Check;
  readonly licensesAreOfOneProduct: Check;
  readonly customersExist: Check;
  /** Whether each account has ever had an agreement for the product, in force or not. */
  readonly accountsHaveAgreements: Check;
  readonly dimensionsAreKnown: Check;

  /** Whether the customer has an agreement under which this usage is billed; if not, the status of the record is CustomerNotSubscribed. */
  readonly isSubscribed: (reported: Reported) => boolean;
  /** Both identifiers of the customer of a record, including the one that was sent. */
  readonly identitiesOf: (usage: RequestedUsage) => Identities;
  /** Undefined when the token is not valid. */
  readonly buyerBehind: (token: string, now: Date) => Buyer | undefined;
  /** When this version of the product's public key was replaced; undefined: it is in use. */
  readonly keyReplacedAt: (
    productCode: string,
    publicKeyVersion: number,
    now: Date,
  ) => EpochSeconds | undefined;
};

/** The checks that the market implements. */
export type MarketCheck = {
  readonly [K in keyof Market]: Market[K] extends Check ? K : never;
}[keyof Market];

/** Text and status of an observed RegisterUsage refusal; IAM's texts are the same for all services. */
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
