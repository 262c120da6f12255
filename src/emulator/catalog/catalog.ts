import type { Principal } from '../principal.ts';
import type { AgreementState, Platform } from './schema.ts';

/** A marketplace that somebody has written down: it holds together, and everything in it can be found. */
export type Catalog = {
  /** Undefined: every Region has the service. */
  readonly regions: ReadonlySet<string> | undefined;
  /** Who made-up keys are taken for, when signatures are not checked. */
  readonly fallbackKey: Key;
  readonly keys: ReadonlyMap<string, Key>;
  readonly products: ReadonlyMap<string, Product>;
  readonly customersByAccount: ReadonlyMap<string, Customer>;
  readonly customersByIdentifier: ReadonlyMap<string, Customer>;
  readonly agreementsByLicense: ReadonlyMap<string, Agreement>;
  readonly tokens: ReadonlyMap<string, Token>;
};

/** It stands for whoever uses it: a user of the account, or an instance, task or pod. */
export type Key = Principal & {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  /** The example key pair is taken with whatever token, as without a catalog. */
  readonly acceptsAnyToken: boolean;
  /** `aws-marketplace:BatchMeterUsage`, …, or `aws-marketplace:*`. */
  readonly permissions: ReadonlySet<string>;
  readonly region: string | undefined;
  readonly platform: Platform | undefined;
};

export type Product = {
  readonly code: string;
  /** An account. */
  readonly owner: string;
  /** Undefined: it has every dimension. */
  readonly dimensions: ReadonlySet<string> | undefined;
  readonly regions: ReadonlySet<string> | undefined;
  readonly byLicenseOnly: boolean;
  /** By version; when each was replaced, in epoch milliseconds. */
  readonly publicKeys: ReadonlyMap<number, number | undefined>;
};

export type Customer = {
  readonly account: string;
  readonly identifier: string | undefined;
  readonly isSuspended: boolean;
  readonly agreements: readonly Agreement[];
};

/** Times in epoch milliseconds. */
export type Agreement = {
  readonly product: string;
  readonly customer: string;
  readonly licenseArn: string | undefined;
  readonly state: AgreementState;
  readonly startMs: number;
  readonly endMs: number;
};

export type Token = {
  readonly token: string;
  readonly product: string;
  readonly customer: string;
  readonly licenseArn: string | undefined;
  readonly issuedMs: number;
  readonly lifetimeMs: number;
};
