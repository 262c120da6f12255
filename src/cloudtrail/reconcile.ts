import { type Circumstances, compareHour } from './compare.ts';
import type { EventStore } from './event-store.ts';
import type { Finding, FindingKind, LedgerEntry } from './finding.ts';
import { foundRecord } from './found-record.ts';
import { readEvent } from './read-event.ts';
import { modeOf, offeringOf, slotsOf } from './usage-hour.ts';

/** What events were looked at. */
export type EventTally = {
  events: number;
  repeatedEvents: number;
  otherCalls: number;
  otherEvents: number;
  /** What is no event that could be read. */
  unreadableEvents: number;
};

export const newTally = (): EventTally => ({
  events: 0,
  repeatedEvents: 0,
  otherCalls: 0,
  otherEvents: 0,
  unreadableEvents: 0,
});

/** Takes in one event, whatever it is; false when it is none at all. `place`: where it was found. */
export const takeEvent = (
  value: unknown,
  evidence: Pick<EventStore, 'add' | 'addUnreadable'>,
  tally: EventTally,
  place: string,
): boolean => {
  const read = readEvent(value);
  switch (read.kind) {
    case 'batch':
      if (evidence.add(read.event, read.entries)) tally.events += 1;
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
      evidence.addUnreadable(place, 'it is no event of CloudTrail, or has no eventName or eventSource');
      return false;
    default:
      return read satisfies never;
  }
};

export type Comparison = {
  readonly counts: ReadonlyMap<FindingKind, number>;
  /** Records of the ledger that were compared. */
  readonly ledgerRecords: number;
  readonly cloudTrailRecords: number;
  /** Records whose fate the ledger did not know, and CloudTrail shows. */
  readonly settlements: number;
};

type Parts = {
  readonly evidence: EventStore;
  /** The records of each Region, in the order of the ledger. */
  readonly ledgers: readonly Iterable<LedgerEntry>[];
  /** The one Region that was looked at; undefined: all. */
  readonly region: string | undefined;
  readonly now: number;
  readonly delayMs: number;
  /** Whether what can be settled counts as settled already. */
  readonly settle: boolean;
  /** Whether what agrees is noted as well. */
  readonly all: boolean;
};

/**
 * Compares the whole ledger with all events, slot by slot, and notes what is found:
 *
 *     events ─► read ─► evidence (temporary database) ─┐
 *                                                      ├─► slots ─► compare ─► findings ─► evidence
 *     ledger, a stream for each Region ────────────────┘
 */
export const reconcile = ({ evidence, ledgers, region, now, delayMs, settle, all }: Parts): Comparison => {
  const counts = new Map<FindingKind, number>();
  let ledgerRecords = 0;
  let cloudTrailRecords = 0;
  let settlements = 0;
  const circumstances: Circumstances = {
    now,
    delayMs,
    mayBeHidden: ({ record, region: at, settledAt }) =>
      evidence.mayHide(record.timestamp - CLOCKS_S, Math.floor((settledAt ?? now) / 1000) + CLOCKS_S, at),
  };
  for (const slot of slotsOf(ledgers, evidence.sightings(region))) {
    let findings = compareHour(slot, circumstances);
    const settled = settle ? settledIn(findings) : undefined;
    if (settled !== undefined && settled.size > 0) {
      for (const [{ region: at, record }, outcome] of settled)
        evidence.noteSettlement({ region: at, record, outcome });
      settlements += settled.size;
      const entries = slot.entries.map(one => ({ ...one, outcome: settled.get(one) ?? one.outcome }));
      findings = compareHour({ ...slot, entries }, circumstances);
    }
    ledgerRecords += slot.entries.filter(({ isCompared }) => isCompared).length;
    cloudTrailRecords += keysShown(findings).size;
    for (const finding of findings) {
      const { kind } = finding;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      if (kind !== 'not-sent' && (kind !== 'agreed' || all)) evidence.note(kind, foundRecord(finding));
    }
  }
  return { counts, ledgerRecords, cloudTrailRecords, settlements };
};

/** A record that is billed twice shows in two findings: that of its own, and that of both. */
const keysShown = (findings: readonly Finding[]): ReadonlySet<string> =>
  new Set(
    findings.flatMap(({ events }) =>
      events.map(({ identity, region }) => `${region} ${modeOf(identity)} ${offeringOf(identity)}`),
    ),
  );

/** The clocks of this machine and of AWS may differ by so many seconds; more, and AWS takes no request. */
const CLOCKS_S = 300;

const settledIn = (findings: readonly Finding[]) =>
  new Map(
    findings.flatMap(({ entry, settleAs }) =>
      entry === undefined || settleAs === undefined ? [] : [[entry, settleAs] as const],
    ),
  );
