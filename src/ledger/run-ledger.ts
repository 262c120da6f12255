import type { LateMode } from '../usage/carry.ts';
import type { CheckedUsage } from '../usage/check.ts';
import type { EpochMs, EpochSeconds } from '../usage/hours.ts';
import type { Amounts, Outcome, PlannedRecord, SettledRecord, Status } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Place } from '../usage/row.ts';
import type { DestinationScope } from '../usage/scope.ts';
import type { Told, ToldProblem } from '../usage/told.ts';

/**
 * What an upload needs of a ledger. A ledger keeps four promises, wherever it is kept:
 *
 *     recall   what it has of a key is known before the key is planned: no second quantity is sent
 *     begin    it has the record, with this quantity, on the disk before the request may leave
 *     settle   an outcome is reported only when it is on the disk
 *     finish   what a run leaves open is found by the next one, however the run ended
 *
 * The draft and the results of a run are on this machine: they are read row by row. What a ledger must ask of another
 * machine is `Awaitable`; a file on this one has it at once.
 */
export type RunLedger = {
  /** Nothing outlives the process. */
  readonly isTemporary: boolean;
  /** Begins a run and its plan. What an earlier run sent without seeing the reply becomes `unknown`. */
  readonly startRun: (facts: RunFacts) => Awaitable<LedgerRun>;
  /** What is known of the inputs of relative times at a destination. Not within a run's plan. */
  readonly pins: (at: DestinationScope) => Awaitable<PinStore>;
};

type Awaitable<T> = T | Promise<T>;

export type RunFacts = {
  /** `aws`, or the origin of another endpoint: an emulator never hides a real record. */
  readonly endpoint: string;
  readonly region: string;
  readonly files: readonly string[];
  readonly version: string;
  readonly now: Date;
};

/** An input: the digest of its bytes, and the identity of its file, undefined for a stream. */
export type InputId = { readonly input: string; readonly file: string | undefined };

/** With the instant that its relative time means. */
export type PinnedInput = InputId & { readonly at: EpochMs };

/** The instants that relative times meant when an input was first read with them: see `Pins`. */
export type PinStore = {
  /** Whether any input is pinned: if not, none needs to be looked up. */
  readonly any: () => boolean;
  /** Undefined if the input has no pin that holds. */
  readonly find: (id: InputId) => EpochMs | undefined;
  /** The instant of an input by a clock that was not compared at that time; undefined if there is none. */
  readonly namedAt: (id: InputId) => EpochMs | undefined;
  /** The instants by a clock that was not compared for which a run has planned usage. */
  readonly uncompared: () => readonly EpochMs[];
  /** Pins the inputs that have no pin that holds; with `replace` all of them. `compared`: by AWS's clock. */
  readonly add: (
    inputs: readonly PinnedInput[],
    how: { readonly replace: boolean; readonly compared: boolean },
  ) => Awaitable<void>;
  /** Notes the run that plans these inputs, if it plans them for the pinned hour. */
  readonly plannedBy: (run: number, inputs: readonly PinnedInput[]) => Awaitable<void>;
  /** Gives how many records got another hour, now that AWS's clock is known to be `offsetMs` ahead. */
  readonly correct: (offsetMs: number) => Awaitable<number>;
  /** Deletes the pins of these inputs that are for the same hour. */
  readonly remove: (inputs: readonly PinnedInput[]) => Awaitable<void>;
};

export type RunEnd = {
  readonly now: Date;
  readonly exitCode: number;
  readonly summary: object;
};

/** A run, from its plan to its end: `commit` or `abandon`, then `save` as often as needed, then `finish`. */
export type LedgerRun = {
  /** In a file, runs count from 1. In a table they are numbered by the time of their start, in microseconds. */
  readonly number: number;
  /** The ledger begins with it; a table, for each endpoint. */
  readonly isFirst: boolean;
  readonly draft: RunDraft;
  readonly results: RunRecords;
  readonly problems: RunProblems;
  /** Takes the records of an hour out of the plan because they are too old. */
  readonly expireHour: (timestamp: EpochSeconds, reason: string) => Awaitable<void>;
  /** Makes the plan durable: from here on, its records may be begun. */
  readonly commit: () => Awaitable<void>;
  /** Undoes everything since the run was started. */
  readonly abandon: () => Awaitable<void>;
  /** Records of this run in this state, soonest to expire first. May be read while others are settled. */
  readonly pending: (state: 'planned' | 'unknown') => Iterable<PlannedRecord>;
  /**
   * Freezes what is begun, and settles what was answered. It is on the disk when this returns; where it fails, nothing that
   * was to be begun may leave.
   */
  readonly save: (changes: Changes) => Awaitable<Saved>;
  /**
   * Whether records that `save` turned down are to be sent after all, as another run has planned them: `pending` gives them
   * again.
   */
  readonly isReplanned: () => boolean;
  /** A record that is certainly accepted, of the latest hour after this time. */
  readonly acceptedAfter: (time: EpochSeconds) => Awaitable<SettledRecord | undefined>;
  /** Marks records whose id AWS also gave to another record, for `results.sharedIds`. Once everything is settled. */
  readonly markSharedIds: () => Awaitable<void>;
  /** Ends the run, and with it the earlier runs whose open records it took over. */
  readonly finish: (end: RunEnd) => Awaitable<void>;
};

export type Changes = {
  readonly settled?: readonly NewOutcome[];
  /** Records that may leave now, by request. */
  readonly begun?: readonly (readonly PlannedRecord[])[];
  readonly at: EpochMs;
};

export type Saved = {
  /** As recorded: an earlier answer of AWS may outweigh the new outcome. Without what is left to another run. */
  readonly settled: readonly SettledRecord[];
  /** Records that must not leave, because another run has recorded something else of them meanwhile. */
  readonly turnedDown: ReadonlySet<PlannedRecord>;
};

export type NewOutcome = { readonly planned: PlannedRecord; readonly outcome: Outcome };

/** A row of the input. */
export type DraftRow = { readonly record: UsageRecord; readonly place: Place };

/** What one customer uses of one dimension in an hour, with any license or product. */
export type AnyOffering = {
  readonly hour: EpochSeconds;
  readonly customer: string;
  readonly dimension: string;
};

/** A record with an invalid row, in this line. */
export type Withheld = { readonly record: UsageRecord; readonly line: number };

/** The plan of a run while it is made. Of its methods only those that are `Awaitable` ask the ledger. */
export type RunDraft = {
  /** Adds rows of the input, in their order. Each record is what its row makes alone. */
  readonly add: (rows: readonly DraftRow[]) => Awaitable<void>;
  /** The rows of each key that more than one row of the input claims, in the order of the input. */
  readonly duplicates: () => Iterable<readonly [CheckedUsage, ...CheckedUsage[]]>;
  /** The record of this input that has the key of this one, with its rows; undefined when there is none. */
  readonly planned: (record: UsageRecord) => PlannedRecord | undefined;
  /** What the invalid row in this line is about: until it is fixed, the hour is kept free for it. */
  readonly withhold: (usage: UsageRecord | AnyOffering, line: number) => void;
  /**
   * The records of the plan that `withhold` is about, except for what AWS has billed, whatever its quantity. Each is to be
   * dropped before the next one is asked for.
   */
  readonly withheld: () => Iterable<Withheld>;
  /** Replaces the first row of a key by the record that all its rows make. */
  readonly merge: (record: UsageRecord) => void;
  /** Takes a record out of the plan because its rows are invalid. Until they are fixed, its hour is kept free for them. */
  readonly drop: (record: UsageRecord) => void;
  /** Records of this input that are one usage, with a license and with a product code: AWS would bill both. */
  readonly doubleBilled: () => Iterable<readonly PlannedRecord[]>;
  /** Records of this input that may be too large for a request. */
  readonly large: () => Iterable<PlannedRecord>;
  /**
   * Compares the input with the records that the ledger has of its keys. Nothing is merged after this. `late`: what becomes
   * of a billed hour of which the input says more.
   */
  readonly adoptKnown: (late?: LateMode) => Awaitable<void>;
  /**
   * Takes over what earlier runs left open, unless `skipOpen`, and moves what AWS would bill a second time to the
   * conflicts. Then plans what each stream sends that carries fractions (`usage/carry`).
   */
  readonly findConflicts: (skipOpen: boolean) => Awaitable<void>;
  /** Counts what earlier runs left open, for a run that sends nothing. */
  readonly leaveOpen: () => Awaitable<void>;
};

/**
 * What runs have told, so that it is told once (`usage/told`). What earlier runs noted is at hand when the run is started,
 * and stays as it was then: the notes of this run change no answer.
 */
export type RunProblems = {
  readonly recall: (problem: ToldProblem) => Told;
  /** Notes a problem of the input, with the plan: what undoes the plan undoes it. Gives what earlier runs noted. */
  readonly meet: (problem: ToldProblem) => Told;
  /** Notes what became of records, on the disk when this returns. */
  readonly tell: (problems: Iterable<ToldProblem>) => Awaitable<void>;
  /** Notes, after `abandon`, why nothing was sent, and of which hours. */
  readonly stopped: (run: StoppedRun) => Awaitable<void>;
};

export type StoppedRun = {
  readonly problems: Iterable<ToldProblem>;
  /** The hours of the valid rows. */
  readonly hours: readonly EpochSeconds[];
};

/** The records of a run. */
export type RunRecords = {
  /** How many records have each status, those included that the run carries on from earlier ones. */
  readonly tally: () => ReadonlyMap<Status, number>;
  /** Every record, conflicts first. */
  readonly outcomes: () => Iterable<SettledRecord>;
  /** Those that are not billed, in the order of the input, conflicts first. */
  readonly notBilled: () => Iterable<SettledRecord>;
  /** Of these, those that are not going to be sent either. */
  readonly notPlanned: () => Iterable<SettledRecord>;
  /** Those that the run did not settle itself, because they were billed before or are left; conflicts first. */
  readonly notReported: () => Iterable<SettledRecord>;
  /** The outcome of the record with this key; undefined when it is not of this run's input. */
  readonly outcomeOf: (record: UsageRecord) => RowOutcome | undefined;
  /** Whether rows contradict a quantity that the ledger has. */
  readonly hasChanged: () => boolean;
  /** Marked records with those that share their id: at most ten of each of ten ids. */
  readonly sharedIds: () => readonly SharedId[];
  /** How many records of earlier runs this run sends. */
  readonly carried: () => number;
  /** What earlier runs left and this run does not send. */
  readonly leftBehind: () => LeftBehind;
  /** What earlier runs left open in other Regions and at other endpoints, and can still be billed. */
  readonly openElsewhere: (now: Date) => readonly OpenElsewhere[];
  /** How many records are to be sent for each hour, oldest first. */
  readonly planHours: () => readonly HourPlan[];
  readonly planFacts: () => PlanFacts;
};

export type RowOutcome = { readonly outcome: Outcome; readonly amounts: Amounts | undefined };

export type SharedId = { readonly id: string; readonly records: readonly SettledRecord[] };

export type PlanFacts = {
  readonly customers: number;
  readonly dimensions: readonly DimensionPlan[];
};

export type HourPlan = { readonly timestamp: EpochSeconds; readonly records: number };

export type DimensionPlan = {
  readonly dimension: string;
  readonly records: number;
  /** What is sent. */
  readonly quantity: number;
  /** What the file says, as a decimal; absent where no record has amounts of its own. */
  readonly used?: string;
};

/** Records of earlier runs that this run does not send. */
export type LeftBehind = {
  /** A run could send them. */
  readonly open: number;
  /** `unknown`, and sending again cannot settle them: only CloudTrail can. */
  readonly stuck: number;
  /** The first hour of those; undefined without any. */
  readonly stuckSince: EpochSeconds | undefined;
};

export type OpenElsewhere = {
  readonly endpoint: string;
  readonly region: string;
  readonly records: number;
};
