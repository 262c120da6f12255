import { createHash, hash } from 'node:crypto';
import type { EpochSeconds } from '../../usage/hours.ts';
import { joinKey } from '../../usage/key.ts';
import type { Usage } from '../table/keys.ts';
import type { OpenBody } from '../table/run-items.ts';
import type { StoredRecord } from '../table/stored-record.ts';

/** A ledger as a copy sees it, wherever it is kept: hour by hour, with names instead of numbers. */
export type Side = {
  readonly name: string;
  /** What there is at this moment. */
  readonly endpoints: () => Promise<readonly string[]>;
  readonly hours: (endpoint: string) => Promise<readonly EpochSeconds[]>;
  /** Page by page: an hour may have hundreds of thousands. */
  readonly records: (endpoint: string, hour: EpochSeconds) => AsyncIterable<readonly WholeRecord[]>;
  /** Runs, pins, and the problems that runs have told. */
  readonly notes: (endpoint: string) => Promise<readonly Note[]>;
  /** Runs with records that are not settled. */
  readonly openRuns: (endpoint: string) => Promise<readonly OpenBody[]>;
};

/** A ledger that is copied to. What it is given is not there yet, unless it may be replaced. */
export type Target = Side & {
  /** Nothing but a copy has ever used it, so whatever is there may be replaced. */
  readonly isPrivate: boolean;
  /** Before the first write: from here on, no run uses the ledger. */
  readonly begin: () => Promise<void>;
  /** When everything is there. */
  readonly end: () => Promise<void>;
  readonly addNotes: (endpoint: string, notes: readonly Note[]) => Promise<void>;
  readonly addOpenRuns: (endpoint: string, runs: readonly OpenBody[]) => Promise<void>;
  /** Of one hour. */
  readonly addRecords: (
    endpoint: string,
    hour: EpochSeconds,
    records: readonly WholeRecord[],
  ) => Promise<void>;
};

/** A record with everything that a ledger has of it. */
export type WholeRecord = { readonly usage: Usage; readonly stored: StoredRecord };

/** A run by its number, a pin by its input, or a problem by its Region and its digest. */
export type Note = {
  readonly kind: 'run' | 'pin' | 'problem';
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
};

/** By what a record is found again. */
export const keyOfRecord = ({ usage, stored }: WholeRecord): string =>
  joinKey(
    String(stored.region),
    usage.hour,
    usage.customer,
    usage.dimension,
    String(stored['mode']),
    String(stored['offering']),
  );

export const keyOfNote = ({ kind, id }: Note): string => `${kind} ${id}`;

/** The same text for the same content, whatever the order of the members. What is null counts as left out. */
export const contentOf = (value: unknown): string => JSON.stringify(sorted(value));

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null && member !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
};

/** A few bytes in place of a text, as characters: two texts have the same only if they are the same. */
export const shortDigest = (text: string): string => hash('sha256', text, 'binary');

/** One digest for these, in whatever order they come. */
export const digestOfAll = (texts: Iterable<string>): string => {
  const hash = createHash('sha256');
  for (const text of [...texts].sort()) hash.update(text).update('\n');
  return hash.digest('hex');
};
