import type { EpochMs } from '../usage/hours.ts';
import type { Status } from '../usage/outcome.ts';
import { doubleBilled } from './double-billed.ts';
import type { EventEntry, Finding, FindingKind, LedgerEntry } from './finding.ts';
import { allocationsKey } from './read-allocations.ts';
import { settlement, wasRecordedBefore } from './settlement.ts';
import { type KeyHistory, keyHistories, type UsageHour } from './usage-hour.ts';

export type CompareOptions = {
  readonly now: EpochMs;
  /** How long CloudTrail may take to show an event. */
  readonly delayMs: number;
  /** Whether an event that does not show its records may contain this one. */
  readonly mayBeHidden: (entry: LedgerEntry) => boolean;
};

/**
 * Compares the ledger with CloudTrail for one customer, dimension and hour: one finding for each record. AWS bills the
 * first quantity of a key for good, so the earliest Success counts, and a rejection after it is not a difference.
 */
export const compareHour = (hour: UsageHour, options: CompareOptions): Finding[] => {
  const all = keyHistories(hour);
  const twice = all.length === 1 ? [] : doubleBilled(all);
  const findings = all.flatMap(history => {
    const finding = compareKey(history, options);
    // Double billing is one finding. That one of its records is missing in the ledger is not a second one.
    const isCovered =
      finding?.kind === 'cloudtrail-only' && twice.some(({ histories }) => histories.includes(history));
    return finding === undefined || isCovered ? [] : [finding];
  });
  return [...findings, ...twice.map(({ finding }) => finding)];
};

const compareKey = (history: KeyHistory, options: CompareOptions): Finding | undefined => {
  const { entry, events } = history;
  if (entry === undefined) return notInLedger(history);
  if (!entry.isCompared) return undefined;
  const [first, ...later] = successes(events);
  const other = later.find(({ quantity }) => quantity !== first?.quantity);
  if (first !== undefined && other !== undefined) {
    const note = `AWS accepted ${first.quantity} and then ${other.quantity} for one hour`;
    // Which of the two is billed is not known, so an unknown record stays unknown.
    return { ...findingOf(history, 'billed-twice', [first, other]), note };
  }
  return first === undefined ? notBilled(history, entry, options) : billed(history, entry, [first, ...later]);
};

/** CloudTrail shows a record that the ledger does not have. A failed call has billed nothing. */
const notInLedger = (history: KeyHistory): Finding | undefined => {
  const [first, ...later] = successes(history.events);
  if (first === undefined) {
    const answered = history.events.filter(({ status }) => status !== undefined);
    if (answered.length > 0) return findingOf(history, 'cloudtrail-only', answered);
    // It may still be billed, for another sender.
    const open = history.events.filter(({ errorCode }) => errorCode === undefined);
    return open.length === 0 ? undefined : { ...findingOf(history, 'unproven', open), note: NO_REPLY };
  }
  const other = later.find(({ quantity }) => quantity !== first.quantity);
  if (other === undefined) return findingOf(history, 'cloudtrail-only', [first, ...later]);
  const note = `AWS accepted ${first.quantity} and then ${other.quantity} for one hour`;
  return { ...findingOf(history, 'billed-twice', [first, other]), note };
};

/** AWS accepted a quantity for this key. */
const billed = (
  history: KeyHistory,
  entry: LedgerEntry,
  [first, ...later]: [EventEntry, ...EventEntry[]],
): Finding => {
  const { status, meteringRecordId } = entry.outcome;
  const shown = [first, ...later];
  const settleAs = settlement(entry, first);
  if (first.quantity !== entry.record.quantity)
    return { ...findingOf(history, 'different-quantity', shown), settleAs };
  switch (status) {
    case 'accepted':
    case 'already-recorded': {
      const ids = shown.map(event => event.meteringRecordId);
      const isKnown =
        meteringRecordId === undefined || ids.includes(undefined) || ids.includes(meteringRecordId);
      if (!isKnown) return findingOf(history, 'different-id', shown);
      return findingOf(
        history,
        hasOtherAllocations(entry, first) ? 'different-allocations' : 'agreed',
        shown,
      );
    }
    case 'unknown':
      return {
        ...findingOf(history, 'unsettled', shown),
        note: 'CloudTrail shows that AWS accepted it',
        settleAs,
      };
    default:
      return findingOf(history, 'different-status', shown);
  }
};

/** Only where CloudTrail shows them. */
const hasOtherAllocations = ({ record }: LedgerEntry, { allocations }: EventEntry): boolean =>
  allocations !== undefined && allocations !== allocationsKey(record.usageAllocations ?? []);

/** CloudTrail shows no Success for this key. */
const notBilled = (history: KeyHistory, entry: LedgerEntry, options: CompareOptions): Finding => {
  const { status } = entry.outcome;
  const own = history.events.filter(({ quantity }) => quantity === entry.record.quantity);
  const others = history.events.filter(one => !own.includes(one) && one.status !== undefined);
  const answered = own.filter(event => event.status !== undefined);
  const last = answered.at(-1);
  const isYoung = options.now - delayStart(entry, last) < options.delayMs;
  // What CloudTrail truncated is not shown later.
  const isCut = own.some(event => event.isCut && isUnanswered(event));
  const isPending = isYoung && !isCut && !options.mayBeHidden(entry);
  switch (status) {
    case 'accepted':
    case 'already-recorded':
    case 'duplicate':
    case 'not-subscribed': {
      if (answered.some(event => event.status === REPLIES.get(status)))
        return findingOf(history, 'agreed', answered);
      if (status === 'already-recorded' && wasRecordedBefore(own, last))
        return findingOf(history, 'agreed', own);
      if (isPending) return findingOf(history, 'pending', answered);
      if (isYoung) return replyNotShown(history, entry, own, options);
      if (last !== undefined) return findingOf(history, 'different-status', answered);
      if (others.length > 0) return findingOf(history, 'different-quantity', others);
      return replyNotShown(history, entry, own, options);
    }
    case 'unknown': {
      if (last === undefined) {
        const note = isPending ? undefined : `CloudTrail shows no reply to it; ${nextStep(entry)}`;
        return { ...findingOf(history, isPending ? 'pending' : 'unsettled', own), note };
      }
      const isFinal = options.now - delayStart(entry, last) >= settlingMs(entry, options);
      const settleAs = isFinal && !options.mayBeHidden(entry) ? settlement(entry, last, own) : undefined;
      return {
        ...findingOf(history, 'unsettled', answered),
        note: `CloudTrail shows ${last.status}`,
        settleAs,
      };
    }
    default:
      // Rejected with its whole call, or never sent: CloudTrail may show the failed call, and nothing is billed.
      if (last !== undefined && status !== 'refused') return findingOf(history, 'different-status', answered);
      return findingOf(history, status === 'refused' ? 'agreed' : 'not-sent', own);
  }
};

const nextStep = ({ outcome: { doubt } }: LedgerEntry): string =>
  doubt === undefined
    ? 'while its window is open, run batch again to send it again unchanged'
    : 'it may still be billed, and sending it again would not show it';

/** The ledger has AWS's reply, and CloudTrail does not show it. */
const replyNotShown = (
  history: KeyHistory,
  entry: LedgerEntry,
  own: readonly EventEntry[],
  options: CompareOptions,
): Finding => {
  if (own.some(isUnanswered)) {
    return { ...findingOf(history, 'unproven', own), note: NO_REPLY };
  }
  if (options.mayBeHidden(entry))
    return { ...findingOf(history, 'unproven', own), note: 'it may be in an incomplete event' };
  if (own.length > 0) return findingOf(history, 'different-status', own);
  return findingOf(history, 'ledger-only', []);
};

/** The call did not fail, and its event has no status for the record. */
const isUnanswered = ({ status, errorCode }: EventEntry): boolean =>
  status === undefined && errorCode === undefined;

const NO_REPLY = 'its event does not show the reply';

/** AWS's status for a record with this outcome. */
const REPLIES: ReadonlyMap<Status, string> = new Map<Status, string>([
  ['accepted', 'Success'],
  ['duplicate', 'DuplicateRecord'],
  ['not-subscribed', 'CustomerNotSubscribed'],
]);

const successes = (events: readonly EventEntry[]): EventEntry[] =>
  events.filter(({ status }) => status === 'Success');

/** The start of CloudTrail's delay. If the time of sending is not known, it is the last event. */
const delayStart = (entry: LedgerEntry, last: EventEntry | undefined): EpochMs =>
  entry.settledAt ?? (last === undefined ? Number.NEGATIVE_INFINITY : last.at * 1000);

/** By default a request is retried for half an hour (`--give-up-after`); half as long again is added. */
const RETRY_MS = 45 * 60_000;

const settlingMs = ({ settledAt }: LedgerEntry, { delayMs }: CompareOptions): number =>
  settledAt === undefined ? delayMs + RETRY_MS : delayMs;

const findingOf = (history: KeyHistory, kind: FindingKind, events: readonly EventEntry[]): Finding => ({
  kind,
  identity: history.identity,
  region: history.region,
  entry: history.entry,
  events,
  note: undefined,
  settleAs: undefined,
});
