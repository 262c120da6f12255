import type { EpochMs } from '../usage/hours.ts';
import { joinKey, keyOf } from '../usage/key.ts';
import { type CompareOptions, compareHour } from './compare.ts';
import type { EventStore } from './event-store.ts';
import { type Finding, type FindingKind, foundRecord, type LedgerEntry } from './finding.ts';
import { readEvent } from './read-event.ts';
import { type UsageHour, usageHours } from './usage-hour.ts';

/** How many events were read, by kind. */
export type EventTally = {
  events: number;
  repeatedEvents: number;
  otherCalls: number;
  otherEvents: number;
  /** What cannot be read as an event. */
  unreadableEvents: number;
};

export const newTally = (): EventTally => ({
  events: 0,
  repeatedEvents: 0,
  otherCalls: 0,
  otherEvents: 0,
  unreadableEvents: 0,
});

/** Adds one value to the store; false if it is not an event. `place`: where it was found, for messages. */
export const addEvent = (
  value: unknown,
  store: Pick<EventStore, 'add' | 'addUnreadable'>,
  tally: EventTally,
  place: string,
): boolean => {
  const read = readEvent(value);
  switch (read.kind) {
    case 'batch':
      if (store.add(read.event, read.entries)) tally.events += 1;
      else tally.repeatedEvents += 1;
      return true;
    case 'other-call':
      tally.otherCalls += 1;
      return true;
    case 'unrelated':
      tally.otherEvents += 1;
      return true;
    case 'no-event':
      tally.unreadableEvents += 1;
      store.addUnreadable(place, 'it is not a CloudTrail event, or has no eventName or eventSource');
      return false;
    default:
      return read satisfies never;
  }
};

export type Comparison = {
  readonly counts: ReadonlyMap<FindingKind, number>;
  /** Compared records of the ledger. */
  readonly ledgerRecords: number;
  readonly cloudTrailRecords: number;
  /** Unknown records of the ledger whose outcome CloudTrail shows. */
  readonly settlements: number;
};

export type ReconcileParts = {
  readonly store: EventStore;
  /** The records of each Region, in the order of the ledger. */
  readonly ledgers: readonly Iterable<LedgerEntry>[];
  /** The compared Region; undefined: all. */
  readonly region: string | undefined;
  readonly now: EpochMs;
  readonly delayMs: number;
  /** Whether records that can be settled count as settled. */
  readonly settle: boolean;
  /** Whether agreeing records are stored too. */
  readonly all: boolean;
};

/**
 * Compares the whole ledger with all events, one usage hour at a time, and stores the findings:
 *
 *     events ─► read ─► store (temporary database) ─┐
 *                                                   ├─► usage hours ─► compare ─► findings ─► store
 *     ledger, a stream for each Region ─────────────┘
 */
export const reconcile = ({
  store,
  ledgers,
  region,
  now,
  delayMs,
  settle,
  all,
}: ReconcileParts): Comparison => {
  const counts = new Map<FindingKind, number>();
  let ledgerRecords = 0;
  let cloudTrailRecords = 0;
  const options = compareOptions(store, now, delayMs);
  for (const hour of usageHours(ledgers, store.entries(region))) {
    const findings = settle ? settledHour(hour, options, store) : compareHour(hour, options);
    ledgerRecords += hour.entries.filter(({ isCompared }) => isCompared).length;
    cloudTrailRecords += keysShown(findings);
    for (const finding of findings) {
      const { kind } = finding;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      if (kind !== 'not-sent' && (kind !== 'agreed' || all)) store.addFinding(kind, foundRecord(finding));
    }
  }
  return { counts, ledgerRecords, cloudTrailRecords, settlements: store.settlementCount() };
};

export const compareOptions = (
  store: Pick<EventStore, 'mayHide'>,
  now: EpochMs,
  delayMs: number,
): CompareOptions => ({
  now,
  delayMs,
  mayBeHidden: ({ record, region, settledAt }) =>
    store.mayHide(
      record.timestamp - MAX_SKEW_SECONDS,
      Math.floor((settledAt ?? now) / 1000) + MAX_SKEW_SECONDS,
      region,
    ),
});

/** Notes what unknown records can be settled with, and gives what is found when they are. */
export const settledHour = (
  hour: UsageHour,
  options: CompareOptions,
  store: Pick<EventStore, 'addSettlement'>,
): Finding[] => {
  const findings = compareHour(hour, options);
  const settled = settledIn(findings);
  if (settled.size === 0) return findings;
  for (const [{ region, record }, outcome] of settled) store.addSettlement({ region, record, outcome });
  const entries = hour.entries.map(one => ({ ...one, outcome: settled.get(one) ?? one.outcome }));
  return compareHour({ ...hour, entries }, options);
};

/** A double-billed record is in two findings: its own, and the one of both. */
const keysShown = (findings: readonly Finding[]): number => {
  const [only, ...others] = findings;
  if (only !== undefined && others.length === 0 && only.events.length < 2) return only.events.length;
  const keys = findings.flatMap(({ events }) =>
    events.map(({ identity, region }) => {
      const { mode, offering } = keyOf(identity);
      return joinKey(region, mode, offering);
    }),
  );
  return new Set(keys).size;
};

/** The clocks of this machine and of AWS may differ by this; with more, AWS rejects all requests. */
const MAX_SKEW_SECONDS = 300;

const settledIn = (findings: readonly Finding[]) =>
  new Map(
    findings.flatMap(({ entry, settleAs }) =>
      entry === undefined || settleAs === undefined ? [] : [[entry, settleAs] as const],
    ),
  );
