import type { Operation } from '../../src/usage/wire.ts';

/** Names that no other row of this run uses, so that it does not matter what an endpoint has stored before. */
export type Names = {
  readonly product: string;
  readonly customer: string;
  readonly account: string;
  readonly otherAccount: string;
  readonly license: string;
  readonly otherLicense: string;
  readonly token: string;
  /** Epoch seconds: now, and the start of this hour, which is in every window. */
  readonly now: number;
  readonly hour: number;
};

export type Signing = {
  readonly service?: string;
  readonly secretAccessKey?: string;
  readonly accessKeyId?: string;
  readonly sessionToken?: string;
  /** Seconds that the signer's clock is ahead. */
  readonly ahead?: number;
  readonly inQuery?: boolean;
  readonly withChecksum?: boolean;
  /** Headers that are added, or replaced, when everything is signed. */
  readonly afterwards?: Readonly<Record<string, string>>;
  /** The body that is sent in place of the one that was signed. */
  readonly bodyAfterwards?: string;
};

export type Step = {
  readonly operation: Operation | 'LookupEvents';
  /** Sent as JSON; a text as it is. */
  readonly input: unknown;
  readonly region?: string;
  readonly signing?: Signing | 'none';
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  /** Moves the service's clock to here first (ISO 8601). Needs a control plane. */
  readonly at?: string;
  readonly expect: Expected;
  /** What else is right, where AWS's sources disagree or are silent, by the emulator's name for that reading. */
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
  /** Of the body; other members do not matter, `undefined` must be absent, a RegExp must match. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, RegExp>>;
  /** The MeteringRecordIds, in order, are these: the same letter, the same id; `-`: none; `*`: any. */
  readonly ids?: string;
};

/** The world of a row, as far as it must be another than the usual one. All of it needs a control plane. */
export type Given = {
  readonly catalog?: object;
  /** Where the service's clock stands, ISO 8601. */
  readonly clock?: string;
  /** A script of faults, as `POST /_emulator/faults` takes it. */
  readonly faults?: readonly string[];
};

/** One rule, what shows it, and who says so. */
export type Row = {
  /** Of the reference: `1.2`. */
  readonly section: string;
  readonly rule: string;
  /** The document of AWS, or who has seen it. */
  readonly source: string;
  readonly given?: Given | ((names: Names) => Given);
  readonly steps: (names: Names) => readonly Step[];
  /** How many records the steps leave behind, where a control plane can tell. */
  readonly stored?: number;
  /** The number of stored records with each reading that leaves another. */
  readonly storedWith?: Readonly<Record<string, number>>;
};
