import { type EpochMs, type EpochSeconds, isoSeconds } from '../usage/hours.ts';
import type { Keyed } from '../usage/key.ts';
import type { Outcome, Status } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Place } from '../usage/row.ts';

/** Who made a call, according to its event. */
export type Sender = {
  /** The ARN where there is one. */
  readonly principal: string | undefined;
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
};

/** What one event contains about one record. */
export type EventEntry = {
  readonly identity: Keyed;
  readonly region: string;
  readonly quantity: number;
  /** Success, DuplicateRecord, CustomerNotSubscribed; undefined if the event has no status for it. */
  readonly status: string | undefined;
  /** The error of the whole call, which then billed nothing. */
  readonly errorCode: string | undefined;
  readonly meteringRecordId: string | undefined;
  /** The usage allocations as JSON (`allocationsKey`); undefined if the event shows none. */
  readonly allocations: string | undefined;
  /** The time of the call. */
  readonly at: EpochSeconds;
  readonly eventId: string;
  readonly sender: Sender;
  /** Whether CloudTrail truncated the event, so that waiting does not show more of it. */
  readonly isCut: boolean;
};

/** A record in the ledger. */
export type LedgerEntry = {
  readonly record: UsageRecord;
  readonly outcome: Outcome;
  readonly region: string;
  readonly run: number;
  readonly place: Place;
  /** Undefined if no reply has arrived. */
  readonly settledAt: EpochMs | undefined;
  /** False if CloudTrail was not read for its Region. Such a record only shows double billing. */
  readonly isCompared: boolean;
};

/** Contradictions between the ledger and CloudTrail. Each needs attention. */
export const DIFFERENCES = [
  'ledger-only',
  'cloudtrail-only',
  'different-quantity',
  'different-status',
  'different-id',
  'billed-twice',
  'different-allocations',
] as const;

/**
 * Not decided yet: `pending` is younger than CloudTrail's delay, `unsettled` has no known outcome in the ledger, `unproven`
 * may be in an incomplete event.
 */
export const OPEN = ['pending', 'unsettled', 'unproven'] as const;

export type FindingKind = (typeof DIFFERENCES)[number] | (typeof OPEN)[number] | 'agreed' | 'not-sent';

/** The result of the comparison for one record. */
export type Finding = {
  readonly kind: FindingKind;
  readonly identity: Keyed;
  readonly region: string;
  readonly entry: LedgerEntry | undefined;
  /** What CloudTrail shows. The decisive event is first. */
  readonly events: readonly EventEntry[];
  /** What is wrong or what to do, as a sentence; undefined if the kind is enough. */
  readonly note: string | undefined;
  /** The outcome that an unknown record can be settled with. */
  readonly settleAs: Outcome | undefined;
};

/** The summary in the JSON document. Members are only ever added. */
export type ReconcileSummary = {
  readonly ledger: string;
  /** `aws`, or another endpoint. */
  readonly endpoint: string;
  /** The source of the events: `LookupEvents`, or files. */
  readonly source: string;
  readonly regions: readonly string[];
  readonly since: string;
  readonly until: string;
  /** Records of the ledger that were compared. */
  readonly ledgerRecords: number;
  /** Records in CloudTrail's events, each counted once. */
  readonly cloudTrailRecords: number;
  readonly agreed: number;
  readonly ledgerOnly: number;
  readonly cloudTrailOnly: number;
  readonly differentQuantity: number;
  readonly differentStatus: number;
  readonly differentId: number;
  readonly billedTwice: number;
  readonly pending: number;
  readonly unsettled: number;
  readonly unproven: number;
  /** Written to the ledger by `--settle`. */
  readonly settled: number;
  /** Never sent, and CloudTrail shows none. */
  readonly notSent: number;
  readonly events: number;
  readonly repeatedEvents: number;
  readonly failedCalls: number;
  readonly incompleteEvents: number;
  /** MeterUsage, RegisterUsage and ResolveCustomer, which are not in the ledger. */
  readonly otherCalls: number;
  /** Events of other services. */
  readonly otherEvents: number;
  /** What cannot be read as an event. */
  readonly unreadableEvents: number;
  /** Events of Regions other than the compared one. */
  readonly otherRegionEvents: number;
  /** Files in the given folders without the ending of an event file, and folders behind links. */
  readonly leftOutFiles: number;
  /** Of all these, the number that may have unseen records of this time. The result is then not certain. */
  readonly unjudged: number;
  readonly differentAllocations: number;
};

type LedgerSide = {
  readonly status: Status;
  readonly Quantity: number;
  readonly MeteringRecordId?: string;
  readonly region: string;
  readonly run: number;
  readonly file: string;
  readonly line: number;
};

export type CloudTrailSide = {
  readonly Status?: string;
  readonly errorCode?: string;
  readonly Quantity: number;
  readonly MeteringRecordId?: string;
  readonly region: string;
  readonly eventTime: string;
  readonly eventID: string;
  readonly principal?: string;
  readonly sourceIPAddress?: string;
  readonly userAgent?: string;
};

/** A finding in the JSON document. */
export type FoundRecord = {
  readonly kind: FindingKind;
  readonly Timestamp: string;
  readonly Dimension: string;
  readonly CustomerAWSAccountId?: string;
  readonly LicenseArn?: string;
  readonly CustomerIdentifier?: string;
  readonly ProductCode?: string;
  readonly ledger: LedgerSide | null;
  readonly cloudTrail: readonly CloudTrailSide[];
  readonly note?: string;
};

/** An event that CloudTrail truncated, or that cannot be read. */
export type IncompleteEvent = {
  readonly eventID: string;
  readonly eventTime: string | null;
  readonly region: string | null;
  readonly reason: string;
  readonly principal?: string;
};

/** The whole result of `reconcile -o json`. */
export type Reconciliation = {
  readonly summary: ReconcileSummary;
  readonly differences: readonly FoundRecord[];
  readonly open: readonly FoundRecord[];
  readonly incompleteEvents: readonly IncompleteEvent[];
  /** With `--all` only. */
  readonly agreed?: readonly FoundRecord[];
};

/** A finding as it appears in the JSON document, with the names that the service and CloudTrail use. */
export const foundRecord = ({ kind, identity, entry, events, note }: Finding): FoundRecord => ({
  kind,
  Timestamp: isoSeconds(identity.timestamp),
  Dimension: identity.dimension,
  ...(identity.customerAWSAccountId !== undefined && { CustomerAWSAccountId: identity.customerAWSAccountId }),
  ...(identity.licenseArn !== undefined && { LicenseArn: identity.licenseArn }),
  ...(identity.customerIdentifier !== undefined && { CustomerIdentifier: identity.customerIdentifier }),
  ...(identity.productCode !== undefined && { ProductCode: identity.productCode }),
  ledger: entry === undefined ? null : ledgerSide(entry),
  cloudTrail: events.slice(0, MAX_EVENTS_SHOWN).map(cloudTrailSide),
  ...(note !== undefined && { note }),
});

/** A record that was sent many times may occur in many events. */
const MAX_EVENTS_SHOWN = 10;

const ledgerSide = ({ record, outcome, region, run, place }: LedgerEntry): LedgerSide => ({
  status: outcome.status,
  Quantity: record.quantity,
  ...(outcome.meteringRecordId !== undefined && { MeteringRecordId: outcome.meteringRecordId }),
  region,
  run,
  file: place.file,
  line: place.line,
});

const cloudTrailSide = (event: EventEntry): CloudTrailSide => {
  const { status, errorCode, quantity, meteringRecordId, region, at, eventId, sender } = event;
  return {
    ...(status !== undefined && { Status: status }),
    ...(errorCode !== undefined && { errorCode }),
    Quantity: quantity,
    ...(meteringRecordId !== undefined && { MeteringRecordId: meteringRecordId }),
    region,
    eventTime: isoSeconds(at),
    eventID: eventId,
    ...(sender.principal !== undefined && { principal: sender.principal }),
    ...(sender.address !== undefined && { sourceIPAddress: sender.address }),
    ...(sender.userAgent !== undefined && { userAgent: sender.userAgent }),
  };
};
