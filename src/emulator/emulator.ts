import type { ClockState } from './clock.ts';
import type { ClockChange } from './clock-controls.ts';
import type { FaultChange } from './faults/controls.ts';
import type { FaultState } from './faults/faults.ts';
import type { Credentials } from './market/market.ts';
import type { RequestEntry } from './request-entry.ts';
import type { StoredRecord } from './state/store.ts';
import type { Stats } from './stats.ts';

export type EmulatorOptions = {
  /** Default 127.0.0.1. On any other than a loopback address everybody who can reach it may use the emulator. */
  readonly host?: string;
  /** 0: a free one. */
  readonly port: number;
  readonly now: () => Date;
  /** For request ids and metering record ids. */
  readonly uuid: () => string;
  /** `off`: usage may be as old as it likes, or in the future. */
  readonly window: 'on' | 'off';
  /** `skip`: believe every caller. */
  readonly signatures: 'verify' | 'skip';
  /** The marketplace that is played, a parsed document: see `catalogSchema`. Default: everything exists. */
  readonly catalog?: unknown;
  /** `NAME=READING` each, where AWS's sources disagree or are silent; names and readings are in `BEHAVIOURS`. */
  readonly behaviours?: readonly string[];
  /** `NAME:PROBABILITY[@PARAMETER]` each; the names are in `FAULTS`. */
  readonly faults?: readonly string[];
  /** Of the dice that faults are rolled with; a whole number of 32 bits, default 0. */
  readonly seed?: number;
  /** Calls a second that each Region and operation takes; default: any number. */
  readonly rate?: number;
  /** Where the service's clock stands still; default: it shows real time. */
  readonly clock?: Date;
  /** A file that gets a line for each request, before the reply leaves: see `logLine`. */
  readonly log?: string;
  /** A file that keeps records, tokens and events from one emulator to the next; see `openState`. */
  readonly state?: string;
  /** A folder for CloudTrail's log files, as in S3. */
  readonly cloudTrail?: string;
  /** How old an event is by the service's clock when LookupEvents shows it; milliseconds, default 0. AWS: 15 minutes. */
  readonly cloudTrailDelay?: number;
  /** Called for each reply. */
  readonly onRequest?: (entry: RequestEntry) => void;
  /** Called when one of CloudTrail's log files could not be written; it is tried again. */
  readonly onTrouble?: (error: unknown) => void;
};

export type Emulator = {
  /** Where clients find it: `http://127.0.0.1:12345`. */
  readonly url: string;
  /** Whether this machine alone can reach it. */
  readonly onLoopback: boolean;
  /** Stops at once; connections are dropped. Rejects when something it has promised to keep could not be written. */
  readonly close: () => Promise<void>;
  /** What is billed, in the order it was recorded. */
  readonly records: () => readonly StoredRecord[];
  readonly stats: () => Stats;
  /** Forgets records, tokens, events, statistics and the calls that count towards the rate. Faults, clock and catalog stay. */
  readonly reset: () => void;
  /** The key that RegisterUsage's signatures are verified with. */
  readonly publicKeyPem: () => Promise<string>;
  /** As `POST /_emulator/faults`. Throws when the change makes no sense. */
  readonly setFaults: (change: FaultChange) => FaultState;
  /** As `POST /_emulator/clock`. Throws when the change makes no sense. */
  readonly setClock: (change: ClockChange) => ClockState;
  /** As `POST /_emulator/catalog`; undefined removes it. Throws, and leaves the one there is, when it does not hold. */
  readonly setCatalog: (catalog: unknown) => void;
  /** Those of the catalog's first account, or `KEY_PAIR`; undefined: the catalog has no keys. */
  readonly credentials: () => Credentials | undefined;
};
