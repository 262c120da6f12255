import { DAY_MS, type EpochMs, type EpochSeconds, HOUR_MS } from './hours.ts';
import { customerOf, keyOf } from './key.ts';
import type { SettledRecord, Status } from './outcome.ts';
import { type UsageRecord, usedText } from './record.ts';
import { deadlineOf, WINDOWS } from './windows.ts';

/**
 * Problems that are told once. An hourly run reads the same bad row again and again, until it is fixed or its hour is
 * closed. The ledger notes each problem that a run has told, so that the next run can say that it is known:
 *
 *     the same row, for the same reason      known: counted apart
 *     another reason, or a changed row       new
 *     known, and a day has passed            listed again
 *     known, and its deadline is near        listed again, once
 *
 * Only what somebody must fix is a problem here. Unsent and unknown records are the next run's work, and are never known.
 */
export type ToldProblem = {
  readonly status: Status;
  /** Without what differs from run to run, for example the number of a line. */
  readonly reason: string;
  /** What the row is recognized by: its text, or the key and the quantity of its record. */
  readonly row: string;
  /** What it names, as far as it can be read. */
  readonly names: NamedUsage;
};

/** The hour, the customer and the dimension of a row. `customer`: an account id or a customer identifier. */
export type NamedUsage = {
  readonly hour?: EpochSeconds | undefined;
  readonly customer?: string | undefined;
  readonly dimension?: string | undefined;
};

/** What a run does about a problem. */
export type Told = {
  /** An earlier run has told it. */
  readonly isKnown: boolean;
  /** It is new, or is to be listed again. */
  readonly isDue: boolean;
};

export const NEW: Told = { isKnown: false, isDue: true };

/** `report`: known problems are problems as any other. `ok`: they are listed when they are due, and are no failure. */
export const KNOWN_MODES = ['report', 'ok'] as const;

export type KnownMode = (typeof KNOWN_MODES)[number];

/** An hour is about to close: somebody who wants to fix its usage must do it now. */
export const NEAR_DEADLINE_MS = 3 * HOUR_MS;

/** An hourly job does not start at the same second each time. */
const REMIND_AFTER_MS = DAY_MS - HOUR_MS / 2;

/** Whether a known problem is to be listed again, `listedAt` being the last time. */
export const isDueAgain = (listedAt: EpochMs, { hour }: NamedUsage, now: EpochMs): boolean => {
  if (now - listedAt >= REMIND_AFTER_MS) return true;
  if (hour === undefined) return false;
  const deadline = deadlineOf(hour, WINDOWS.BatchMeterUsage);
  const near = deadline - NEAR_DEADLINE_MS;
  return near <= now && now < deadline && listedAt < near;
};

/** A row may have a million characters. */
const MAX_ROW = 4096;

/** An invalid row. `row`: its text. */
export const problemOfRow = (row: string, message: string, names: NamedUsage): ToldProblem => ({
  status: 'invalid',
  reason: message.replaceAll(/\bline \d+/g, 'line'),
  row: `${row.slice(0, MAX_ROW).trim()}\n${row.length > MAX_ROW ? row.length : ''}\n${names.hour ?? ''}`,
  names,
});

/** Usage of an hour that was not sent because other rows of its file are invalid. */
export const problemOfStopped = (file: string, hour: EpochSeconds): ToldProblem => ({
  status: 'unsent',
  reason: '',
  row: file,
  names: { hour },
});

/** A record that is not billed. How late it is depends on the clock, so the reason of an expired one does not count. */
export const problemOfRecord = ({
  record,
  outcome: { status, reason },
}: Pick<SettledRecord, 'record' | 'outcome'>): ToldProblem => ({
  status,
  reason: status === 'expired' ? '' : (reason ?? ''),
  row: rowOf(record),
  names: namesOf(record),
});

export const namesOf = (record: UsageRecord): NamedUsage => ({
  hour: record.timestamp,
  customer: customerOf(record),
  dimension: record.dimension,
});

/** The text that stands for the rows of a record. */
export const rowOf = (record: UsageRecord): string => {
  const { hour, customer, dimension, mode, offering } = keyOf(record);
  return JSON.stringify([hour, customer, dimension, mode, offering, usedText(record)]);
};
