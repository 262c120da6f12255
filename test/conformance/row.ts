import type { MarketplaceOperation } from '../../src/emulator/marketplace/model.ts';
import type { Operation } from '../../src/usage/wire.ts';

/** Names that only this row of this run uses, so that earlier records at the endpoint do not matter. */
export type Names = {
  readonly product: string;
  readonly customer: string;
  readonly account: string;
  readonly otherAccount: string;
  readonly license: string;
  readonly otherLicense: string;
  readonly token: string;
  /** Epoch seconds: now, and the start of the current hour, which is in every window. */
  readonly now: number;
  readonly hour: number;
};

export type Signing = {
  readonly service?: string;
  readonly secretAccessKey?: string;
  readonly accessKeyId?: string;
  readonly sessionToken?: string;
  /** How many seconds the signer's clock is ahead. */
  readonly ahead?: number;
  readonly inQuery?: boolean;
  readonly withChecksum?: boolean;
  /** Headers that are added or replaced after signing. */
  readonly afterwards?: Readonly<Record<string, string>>;
  /** The body that is sent instead of the signed one. */
  readonly bodyAfterwards?: string;
};

export type Step = {
  readonly operation: Operation | 'LookupEvents' | MarketplaceOperation;
  /** Sent as JSON; a string is sent unchanged. */
  readonly input: unknown;
  readonly region?: string;
  readonly signing?: Signing | 'none';
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  /** First sets the service's clock to this time (ISO 8601). Needs a control plane. */
  readonly at?: string;
  readonly expect: Expected;
  /** Other correct results where AWS's sources disagree or say nothing, by the emulator's name for that reading. */
  readonly or?: Readonly<Record<string, Expected>>;
};

export type Expected = {
  /** Default: 200, or 400 with a type. */
  readonly status?: number;
  /** The name of an error, without its namespace. */
  readonly type?: string | readonly string[];
  /** The `Status` of each of Results, in the order of the records. */
  readonly statuses?: readonly string[];
  readonly unprocessed?: number;
  /** Members of the body: `undefined` must be absent, a RegExp must match, and other members do not matter. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, RegExp>>;
  /** The MeteringRecordIds in order: the same letter is the same id; `-`: none; `*`: any. */
  readonly ids?: string;
};

/** The preconditions of a row, where they differ from the defaults. All of them need a control plane. */
export type Given = {
  readonly catalog?: object;
  /** The time of the service's clock, ISO 8601. */
  readonly clock?: string;
  /** A script of faults, as for `POST /_emulator/faults`. */
  readonly faults?: readonly string[];
};

/** One rule, the steps that show it, and its source. */
export type Row = {
  /** The section of the reference, for example `1.2`. */
  readonly section: string;
  readonly rule: string;
  /** The document of AWS, or whoever observed it. */
  readonly source: string;
  readonly given?: Given | ((names: Names) => Given);
  readonly steps: (names: Names) => readonly Step[];
  /** How many records the steps leave, checked when there is a control plane. */
  readonly stored?: number;
  /** The same for each reading with a different number. */
  readonly storedWith?: Readonly<Record<string, number>>;
};
