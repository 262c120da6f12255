import type { ImportedRecord } from '../ledger/import-ledger.ts';
import { LIMITS } from '../usage/limits.ts';
import type { UsageAllocation } from '../usage/record.ts';
import type { EventStore } from './event-store.ts';
import { DIFFERENCES, type EventEntry, type Finding, foundRecord } from './finding.ts';
import { compareOptions, type ReconcileParts, settledHour } from './reconcile.ts';
import { outcomeShown } from './settlement.ts';
import { type KeyHistory, keyHistories, usageHours } from './usage-hour.ts';

/** What an import does to a ledger. */
export type ImportPlan = {
  /** Records that the ledger does not have. */
  readonly records: number;
  /** Records that it has already. */
  readonly present: number;
  /** Unknown records of the ledger whose outcome CloudTrail shows. */
  readonly settlements: number;
  /** Findings that contradict the ledger, or show that AWS bills twice. They are in the store. */
  readonly contradictions: number;
  /** Records that the ledger does not have, and whose event does not show what AWS's reply means. They are in the store. */
  readonly unproven: number;
};

type ImportParts = Pick<ReconcileParts, 'store' | 'ledgers' | 'region' | 'now' | 'delayMs'>;

/** Compares the events with the ledger, one usage hour at a time, and stores what unknown records are settled with. */
export const planImport = ({ store, ledgers, region, now, delayMs }: ImportParts): ImportPlan => {
  const options = compareOptions(store, now, delayMs);
  const counts = { records: 0, present: 0, contradictions: 0, unproven: 0 };
  for (const hour of usageHours(ledgers, store.entries(region))) {
    if (hour.events.length === 0) continue;
    for (const found of settledHour(hour, options, store)) {
      if (found.events.length === 0) continue;
      const finding = withoutUnclear(found);
      const { kind } = finding;
      const isOpen = kind === 'unproven' && finding.entry === undefined;
      if (isOpen) counts.unproven += 1;
      else if (kind === 'cloudtrail-only' || !DIFFERENCES.some(one => one === kind)) continue;
      else counts.contradictions += 1;
      store.addFinding(kind, foundRecord(finding));
    }
    for (const history of keyHistories(hour)) {
      if (importedOf(history) === undefined) continue;
      if (history.entry === undefined) counts.records += 1;
      else if (history.entry.isCompared) counts.present += 1;
    }
  }
  return { ...counts, settlements: store.settlementCount() };
};

/** What AWS has, and the ledger could not keep, must not be left out silently. */
const withoutUnclear = (finding: Finding): Finding => {
  const { kind, events } = finding;
  if (kind !== 'cloudtrail-only' || importedOf(finding) !== undefined) return finding;
  const last = events.at(-1);
  const note =
    last?.status === 'Success'
      ? `its quantity is more than ${LIMITS.quantity.max}`
      : `the meaning of the status ${last?.status} is not known`;
  return { ...finding, kind: 'unproven', note };
};

/** Every record that AWS replied to, whether the ledger has it or not, in the order of the ledger within each Region. */
export function* importedRecords(store: EventStore, region: string | undefined): Generator<ImportedRecord> {
  for (const hour of usageHours([], store.entries(region))) {
    for (const history of keyHistories(hour)) {
      const imported = importedOf(history);
      if (imported !== undefined) yield imported;
    }
  }
}

/**
 * A key as AWS has it: by its first Success, because the first quantity stays billed, or else by the last reply. Undefined
 * without a reply, and for a quantity that AWS cannot have accepted.
 */
const importedOf = ({
  identity,
  region,
  events,
}: Pick<KeyHistory, 'identity' | 'region' | 'events'>): ImportedRecord | undefined => {
  const shown =
    events.find(({ status }) => status === 'Success') ??
    events.findLast(({ status }) => status !== undefined);
  if (shown === undefined || shown.quantity > LIMITS.quantity.max) return undefined;
  const { quantity, allocations, at } = shown;
  const own = events.filter(event => event.quantity === quantity);
  const outcome = outcomeShown(quantity, shown, own);
  if (outcome === undefined) return undefined;
  return {
    region,
    record: {
      ...identity,
      quantity,
      usageAllocations:
        allocations === undefined ? undefined : (JSON.parse(allocations) as readonly UsageAllocation[]),
    },
    // Without its id it is billed all the same.
    outcome:
      outcome.status === 'accepted' && outcome.meteringRecordId === undefined
        ? { ...outcome, status: 'already-recorded' }
        : outcome,
    settledAt: at * 1000,
    sentBy: senderText(shown),
  };
};

const senderText = ({ sender: { principal, address, userAgent } }: Pick<EventEntry, 'sender'>): string =>
  [principal, address, userAgent].filter(part => part !== undefined).join(' ');
