import type { Status } from '../usage/outcome.ts';
import { billedTwice } from './double-billed.ts';
import type { Finding, FindingKind, Held, Sighting } from './finding.ts';
import { settlement, wasRecordedBefore } from './settlement.ts';
import { type Group, groupsOf, type Slot } from './usage-hour.ts';

export type { Reconciliation } from './finding.ts';

export type Circumstances = {
  /** Epoch milliseconds. */
  readonly now: number;
  /** How long CloudTrail may take to show an event, milliseconds. */
  readonly delayMs: number;
  /** Whether an event that does not show its records may have had this one. */
  readonly mayBeHidden: (held: Held) => boolean;
};

/**
 * What the ledger and CloudTrail say of one customer, dimension and hour: a finding for each record. AWS bills the first
 * quantity of a key for ever, so of several answers the earliest Success counts, and refusals after it are no difference.
 */
export const compareSlot = (slot: Slot, circumstances: Circumstances): Finding[] => {
  const groups = groupsOf(slot);
  const twice = billedTwice(groups);
  const findings = groups.flatMap(group => {
    const finding = compareGroup(group, circumstances);
    // What is billed twice is told once; that the ledger does not know the second one goes without saying.
    const isTold =
      finding?.kind === 'cloudtrail-only' && twice.some(({ groups: told }) => told.includes(group));
    return finding === undefined || isTold ? [] : [finding];
  });
  return [...findings, ...twice.map(({ finding }) => finding)];
};

const compareGroup = (group: Group, circumstances: Circumstances): Finding | undefined => {
  const { held, sightings } = group;
  if (held === undefined) return unheld(group);
  if (!held.isCompared) return undefined;
  const [first, ...later] = successes(sightings);
  const other = later.find(({ quantity }) => quantity !== first?.quantity);
  if (first !== undefined && other !== undefined) {
    const note = `AWS accepted ${first.quantity} and then ${other.quantity} for one hour`;
    // Which of them stands nobody knows, so that an unknown record stays unknown.
    return { ...about(group, 'billed-twice', [first, other]), note };
  }
  return first === undefined ? notBilled(group, held, circumstances) : billed(group, held, [first, ...later]);
};

/** CloudTrail shows a record that the ledger does not have. A failed call has left nothing behind. */
const unheld = (group: Group): Finding | undefined => {
  const [first, ...later] = successes(group.sightings);
  if (first === undefined) {
    const answered = group.sightings.filter(({ status }) => status !== undefined);
    if (answered.length > 0) return about(group, 'cloudtrail-only', answered);
    // It may be billed all the same, by whoever sent it.
    const open = group.sightings.filter(({ errorCode }) => errorCode === undefined);
    return open.length === 0 ? undefined : { ...about(group, 'unproven', open), note: NO_ANSWER };
  }
  const other = later.find(({ quantity }) => quantity !== first.quantity);
  if (other === undefined) return about(group, 'cloudtrail-only', [first, ...later]);
  const note = `AWS accepted ${first.quantity} and then ${other.quantity} for one hour`;
  return { ...about(group, 'billed-twice', [first, other]), note };
};

/** AWS has accepted a quantity for this key. */
const billed = (group: Group, held: Held, [first, ...later]: [Sighting, ...Sighting[]]): Finding => {
  const { status, meteringRecordId } = held.outcome;
  const shown = [first, ...later];
  const settleAs = settlement(held, first);
  if (first.quantity !== held.record.quantity)
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
const notBilled = (group: Group, held: Held, circumstances: Circumstances): Finding => {
  const { status } = held.outcome;
  const own = group.sightings.filter(({ quantity }) => quantity === held.record.quantity);
  const others = group.sightings.filter(one => !own.includes(one) && one.status !== undefined);
  const answered = own.filter(sighting => sighting.status !== undefined);
  const last = answered.at(-1);
  const isYoung = circumstances.now - ageFrom(held, last) < circumstances.delayMs;
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
      return unanswered(group, held, own, circumstances);
    }
    case 'unknown': {
      if (last === undefined) {
        const note = isYoung ? undefined : `no answer to it in CloudTrail; ${whatHelps(held)}`;
        return { ...about(group, isYoung ? 'pending' : 'unsettled', own), note };
      }
      const isFinal = circumstances.now - ageFrom(held, last) >= settlingMs(held, circumstances);
      const settleAs = isFinal && !circumstances.mayBeHidden(held) ? settlement(held, last, own) : undefined;
      return { ...about(group, 'unsettled', answered), note: `CloudTrail shows ${last.status}`, settleAs };
    }
    default:
      // Refused as a whole call, or never sent: CloudTrail may have the failed call, and has nothing that is billed.
      if (last !== undefined && status !== 'refused') return about(group, 'different-status', answered);
      return about(group, status === 'refused' ? 'agreed' : 'not-sent', own);
  }
};

const whatHelps = ({ outcome: { doubt } }: Held): string =>
  doubt === undefined
    ? 'while its window is open, running batch again sends it again unchanged'
    : 'it may be billed all the same, and sending it again cannot tell';

/** AWS has answered the ledger, and CloudTrail does not show the answer. */
const unanswered = (
  group: Group,
  held: Held,
  own: readonly Sighting[],
  circumstances: Circumstances,
): Finding => {
  if (own.some(({ errorCode }) => errorCode === undefined)) {
    return { ...about(group, 'unproven', own), note: NO_ANSWER };
  }
  if (circumstances.mayBeHidden(held))
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

const successes = (sightings: readonly Sighting[]): Sighting[] =>
  sightings.filter(({ status }) => status === 'Success');

/** Since when CloudTrail has had time, epoch milliseconds: for what was sent at a time nobody knows, since it last showed it. */
const ageFrom = (held: Held, last: Sighting | undefined): number =>
  held.settledAt ?? (last === undefined ? Number.NEGATIVE_INFINITY : last.at * 1000);

/** A request whose answer was lost is sent again for half an hour by default (`--give-up-after`); and half as long again. */
const RESENT_MS = 45 * 60_000;

const settlingMs = ({ settledAt }: Held, { delayMs }: Circumstances): number =>
  settledAt === undefined ? delayMs + RESENT_MS : delayMs;

const about = (group: Group, kind: FindingKind, sightings: readonly Sighting[]): Finding => ({
  kind,
  identity: group.identity,
  region: group.region,
  held: group.held,
  sightings,
  note: undefined,
  settleAs: undefined,
});
