import type { ClockState } from './clock.ts';
import type { ClockChange } from './clock-controls.ts';
import type { FaultChange } from './faults/controls.ts';
import type { FaultState } from './faults/faults.ts';
import type { AccessKey } from './market/market.ts';
import type { RequestEntry } from './request-entry.ts';
import type { StoredRecord } from './state/store.ts';
import type { Stats } from './stats.ts';

export type EmulatorOptions = {
  /** Default 127.0.0.1. On a non-loopback address, anyone who can reach it can use the emulator. */
  readonly host?: string;
  /** 0: a free port. */
  readonly port: number;
  readonly now: () => Date;
  /** For request ids and metering record ids. */
  readonly uuid: () => string;
  /** `off`: usage of any age is accepted, and usage in the future. */
  readonly window: 'on' | 'off';
  /** `skip`: signatures are not checked. */
  readonly signatures: 'verify' | 'skip';
  /** The simulated marketplace, a parsed document: see `catalogSchema`. Default: everything exists. */
  readonly catalog?: unknown;
  /** A `NAME=READING` each, from `BEHAVIOURS`, for points on which AWS's sources disagree or are silent. */
  readonly behaviours?: readonly string[];
  /** A `NAME:PROBABILITY[@PARAMETER]` each; the names are in `FAULTS`. */
  readonly faults?: readonly string[];
  /** The seed of the random numbers for faults; a 32-bit whole number, default 0. */
  readonly seed?: number;
  /** Calls a second for each Region and operation; default: no limit. */
  readonly rate?: number;
  /** Freezes the service's clock at this time; default: real time. */
  readonly clock?: Date;
  /** A file that gets a line for each request before its reply is sent: see `logLine`. */
  readonly log?: string;
  /** A file that keeps records, tokens and events for the next emulator; see `openState`. */
  readonly state?: string;
  /** A folder for CloudTrail's log files, as in S3. */
  readonly cloudTrail?: string;
  /** How old an event must be, by the service's clock, for LookupEvents to return it; milliseconds, default 0. AWS: 15 minutes. */
  readonly cloudTrailDelayMs?: number;
  /** Called for each reply. */
  readonly onRequest?: (entry: RequestEntry) => void;
  /** Called when a CloudTrail log file could not be written; it is retried. */
  readonly onTrouble?: (error: unknown) => void;
};

export type Emulator = {
  /** The endpoint: `http://127.0.0.1:12345`. */
  readonly url: string;
  /** Whether only this machine can reach it. */
  readonly onLoopback: boolean;
  /** Stops immediately and closes all connections. Rejects when state or log files could not be written. */
  readonly close: () => Promise<void>;
  /** The billed records, in the order in which they were recorded. */
  readonly records: () => readonly StoredRecord[];
  readonly stats: () => Stats;
  /** Deletes records, tokens, events, statistics and the calls that count toward the rate. Keeps faults, clock and catalog. */
  readonly reset: () => void;
  /** The key for verifying the signatures of RegisterUsage. */
  readonly publicKeyPem: () => Promise<string>;
  /** Like `POST /_emulator/faults`. Throws when the change is invalid. */
  readonly setFaults: (change: FaultChange) => FaultState;
  /** Like `POST /_emulator/clock`. Throws when the change is invalid. */
  readonly setClock: (change: ClockChange) => ClockState;
  /** Like `POST /_emulator/catalog`; undefined removes the catalog. Throws when it is invalid, and keeps the current one. */
  readonly setCatalog: (catalog: unknown) => void;
  /** The key of the catalog's first account, or `KEY_PAIR`; undefined: the catalog has no keys. */
  readonly credentials: () => AccessKey | undefined;
};
