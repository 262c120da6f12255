import type { Status } from '../usage/outcome.ts';
import { doubleBilled } from './double-billed.ts';
import type { EventEntry, Finding, FindingKind, LedgerEntry } from './finding.ts';
import { settlement, wasRecordedBefore } from './settlement.ts';
import { type KeyHistory, keyHistories, type UsageHour } from './usage-hour.ts';

export type { Reconciliation } from './finding.ts';

export type Circumstances = {
  /** Epoch milliseconds. */
  readonly now: number;
  /** How long CloudTrail may take to show an event, milliseconds. */
  readonly delayMs: number;
  /** Whether an event that does not show its records may have had this one. */
  readonly mayBeHidden: (entry: LedgerEntry) => boolean;
};

/**
 * What the ledger and CloudTrail say of one customer, dimension and hour: a finding for each record. AWS bills the first
 * quantity of a key for ever, so of several answers the earliest Success counts, and refusals after it are no difference.
 */
export const compareHour = (slot: UsageHour, circumstances: Circumstances): Finding[] => {
  const groups = keyHistories(slot);
  const twice = doubleBilled(groups);
  const findings = groups.flatMap(group => {
    const finding = compareGroup(group, circumstances);
    // What is billed twice is told once; that the ledger does not know the second one goes without saying.
    const isTold =
      finding?.kind === 'cloudtrail-only' && twice.some(({ groups: told }) => told.includes(group));
    return finding === undefined || isTold ? [] : [finding];
  });
  return [...findings, ...twice.map(({ finding }) => finding)];
};

const compareGroup = (group: KeyHistory, circumstances: Circumstances): Finding | undefined => {
  const { entry, events } = group;
  if (entry === undefined) return unheld(group);
  if (!entry.isCompared) return undefined;
  const [first, ...later] = successes(events);
  const other = later.find(({ quantity }) => quantity !== first?.quantity);
  if (first !== undefined && other !== undefined) {
    const note = `AWS accepted ${first.quantity} and then ${other.quantity} for one hour`;
    // Which of them stands nobody knows, so that an unknown record stays unknown.
    return { ...about(group, 'billed-twice', [first, other]), note };
  }
  return first === undefined
    ? notBilled(group, entry, circumstances)
    : billed(group, entry, [first, ...later]);
};

/** CloudTrail shows a record that the ledger does not have. A failed call has left nothing behind. */
const unheld = (group: KeyHistory): Finding | undefined => {
  const [first, ...later] = successes(group.events);
  if (first === undefined) {
    const answered = group.events.filter(({ status }) => status !== undefined);
    if (answered.length > 0) return about(group, 'cloudtrail-only', answered);
    // It may be billed all the same, by whoever sent it.
    const open = group.events.filter(({ errorCode }) => errorCode === undefined);
    return open.length === 0 ? undefined : { ...about(group, 'unproven', open), note: NO_ANSWER };
  }
  const other = later.find(({ quantity }) => quantity !== first.quantity);
  if (other === undefined) return about(group, 'cloudtrail-only', [first, ...later]);
  const note = `AWS accepted ${first.quantity} and then ${other.quantity} for one hour`;
  return { ...about(group, 'billed-twice', [first, other]), note };
};

/** AWS has accepted a quantity for this key. */
const billed = (
  group: KeyHistory,
  entry: LedgerEntry,
  [first, ...later]: [EventEntry, ...EventEntry[]],
): Finding => {
  const { status, meteringRecordId } = entry.outcome;
  const shown = [first, ...later];
  const settleAs = settlement(entry, first);
  if (first.quantity !== entry.record.quantity)
    return { ...about(group, 'different-quantity', shown), settleAs };
  switch (status) {
    case 'accepted':
    case 'already-recorded': {
      const ids = shown.map(sighting => sighting.meteringRecordId);
      const isKnown =
        meteringRecordId === undefined || ids.includes(undefined) || ids.includes(meteringRecordId);
      return about(group, isKnown ? 'agreed' : 'different-id', shown);
    }
    case 'unknown':
      return { ...about(group, 'unsettled', shown), note: 'CloudTrail shows that AWS accepted it', settleAs };
    default:
      return about(group, 'different-status', shown);
  }
};

/** CloudTrail shows no Success for this key. */
const notBilled = (group: KeyHistory, entry: LedgerEntry, circumstances: Circumstances): Finding => {
  const { status } = entry.outcome;
  const own = group.events.filter(({ quantity }) => quantity === entry.record.quantity);
  const others = group.events.filter(one => !own.includes(one) && one.status !== undefined);
  const answered = own.filter(sighting => sighting.status !== undefined);
  const last = answered.at(-1);
  const isYoung = circumstances.now - ageFrom(entry, last) < circumstances.delayMs;
  switch (status) {
    case 'accepted':
    case 'already-recorded':
    case 'duplicate':
    case 'not-subscribed': {
      if (answered.some(sighting => sighting.status === ANSWERS.get(status)))
        return about(group, 'agreed', answered);
      if (status === 'already-recorded' && wasRecordedBefore(own, last)) return about(group, 'agreed', own);
      if (isYoung) return about(group, 'pending', answered);
      if (last !== undefined) return about(group, 'different-status', answered);
      if (others.length > 0) return about(group, 'different-quantity', others);
      return unanswered(group, entry, own, circumstances);
    }
    case 'unknown': {
      if (last === undefined) {
        const note = isYoung ? undefined : `no answer to it in CloudTrail; ${whatHelps(entry)}`;
        return { ...about(group, isYoung ? 'pending' : 'unsettled', own), note };
      }
      const isFinal = circumstances.now - ageFrom(entry, last) >= settlingMs(entry, circumstances);
      const settleAs =
        isFinal && !circumstances.mayBeHidden(entry) ? settlement(entry, last, own) : undefined;
      return { ...about(group, 'unsettled', answered), note: `CloudTrail shows ${last.status}`, settleAs };
    }
    default:
      // Refused as a whole call, or never sent: CloudTrail may have the failed call, and has nothing that is billed.
      if (last !== undefined && status !== 'refused') return about(group, 'different-status', answered);
      return about(group, status === 'refused' ? 'agreed' : 'not-sent', own);
  }
};

const whatHelps = ({ outcome: { doubt } }: LedgerEntry): string =>
  doubt === undefined
    ? 'while its window is open, running batch again sends it again unchanged'
    : 'it may be billed all the same, and sending it again cannot tell';

/** AWS has answered the ledger, and CloudTrail does not show the answer. */
const unanswered = (
  group: KeyHistory,
  entry: LedgerEntry,
  own: readonly EventEntry[],
  circumstances: Circumstances,
): Finding => {
  if (own.some(({ errorCode }) => errorCode === undefined)) {
    return { ...about(group, 'unproven', own), note: NO_ANSWER };
  }
  if (circumstances.mayBeHidden(entry))
    return { ...about(group, 'unproven', own), note: 'it may stand in an event that is not whole' };
  if (own.length > 0) return about(group, 'different-status', own);
  return about(group, 'ledger-only', []);
};

const NO_ANSWER = 'its event does not show the answer';

/** What AWS answers to a record with this outcome. */
const ANSWERS: ReadonlyMap<Status, string> = new Map<Status, string>([
  ['accepted', 'Success'],
  ['duplicate', 'DuplicateRecord'],
  ['not-subscribed', 'CustomerNotSubscribed'],
]);

const successes = (events: readonly EventEntry[]): EventEntry[] =>
  events.filter(({ status }) => status === 'Success');

/** Since when CloudTrail has had time, epoch milliseconds: for what was sent at a time nobody knows, since it last showed it. */
const ageFrom = (entry: LedgerEntry, last: EventEntry | undefined): number =>
  entry.settledAt ?? (last === undefined ? Number.NEGATIVE_INFINITY : last.at * 1000);

/** A request whose answer was lost is sent again for half an hour by default (`--give-up-after`); and half as long again. */
const RESENT_MS = 45 * 60_000;

const settlingMs = ({ settledAt }: LedgerEntry, { delayMs }: Circumstances): number =>
  settledAt === undefined ? delayMs + RESENT_MS : delayMs;

const about = (group: KeyHistory, kind: FindingKind, events: readonly EventEntry[]): Finding => ({
  kind,
  identity: group.identity,
  region: group.region,
  entry: group.entry,
  events,
  note: undefined,
  settleAs: undefined,
});
