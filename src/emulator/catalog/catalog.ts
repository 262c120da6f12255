import type { EpochMs } from '../../usage/hours.ts';
import type { Price } from '../marketplace/listing.ts';
import type { Principal } from '../principal.ts';
import type { AgreementState, Platform } from './schema.ts';

/** A marketplace from a document: consistent, and indexed for lookups. */
export type Catalog = {
  /** Undefined: all Regions have the service. */
  readonly regions: ReadonlySet<string> | undefined;
  /** The key that an unknown key is treated as, when signatures are not checked. */
  readonly fallbackKey: Key;
  readonly keys: ReadonlyMap<string, Key>;
  readonly products: ReadonlyMap<string, Product>;
  readonly customersByAccount: ReadonlyMap<string, Customer>;
  readonly customersByIdentifier: ReadonlyMap<string, Customer>;
  readonly agreementsByLicense: ReadonlyMap<string, Agreement>;
  readonly tokens: ReadonlyMap<string, Token>;
};

/** A key identifies its user: a user of the account, or an instance, task or pod. */
export type Key = Principal & {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  /** The example key pair is accepted with any session token, as without a catalog. */
  readonly acceptsAnyToken: boolean;
  /** `aws-marketplace:BatchMeterUsage`, …, or `aws-marketplace:*`. */
  readonly permissions: ReadonlySet<string>;
  readonly region: string | undefined;
  readonly platform: Platform | undefined;
};

export type Product = {
  readonly code: string;
  /** The account id of the seller. */
  readonly owner: string;
  readonly title: string | undefined;
  /** Undefined: any dimension exists. */
  readonly dimensions: ReadonlySet<string> | undefined;
  /** Of the public offer. */
  readonly prices: readonly Price[];
  readonly regions: ReadonlySet<string> | undefined;
  readonly byLicenseOnly: boolean;
  /** When each version was replaced; undefined: it is in use. */
  readonly publicKeys: ReadonlyMap<number, EpochMs | undefined>;
};

export type Customer = {
  readonly account: string;
  readonly identifier: string | undefined;
  readonly isSuspended: boolean;
  readonly agreements: readonly Agreement[];
};

export type Agreement = {
  readonly product: string;
  readonly customer: string;
  readonly licenseArn: string | undefined;
  readonly state: AgreementState;
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  /** Of a private offer; undefined: it is the public one. */
  readonly prices: readonly Price[] | undefined;
  readonly currency: string;
};

export type Token = {
  readonly token: string;
  readonly product: string;
  readonly customer: string;
  readonly licenseArn: string | undefined;
  readonly issuedMs: EpochMs;
  readonly lifetimeMs: number;
};
