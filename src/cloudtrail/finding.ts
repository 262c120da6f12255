import type { Outcome, Status } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';

/** Who made a call, as its event tells. */
export type Sender = {
  /** The ARN where there is one. */
  readonly principal: string | undefined;
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
};

/** What a record is recognised by, without its quantity. `timestamp`: the start of the UTC hour, epoch seconds. */
export type Identity = Pick<
  UsageRecord,
  'timestamp' | 'dimension' | 'customerAWSAccountId' | 'licenseArn' | 'customerIdentifier' | 'productCode'
>;

/** What one event says of one record. */
export type EventEntry = {
  readonly identity: Identity;
  readonly region: string;
  readonly quantity: number;
  /** Success, DuplicateRecord, CustomerNotSubscribed; undefined when the event does not say. */
  readonly status: string | undefined;
  /** The error of the whole call: then nothing of it is billed. */
  readonly errorCode: string | undefined;
  readonly meteringRecordId: string | undefined;
  /** When the call was made, epoch seconds. */
  readonly at: number;
  readonly eventId: string;
  readonly sender: Sender;
};

/** A record as the ledger has it. */
export type LedgerEntry = {
  readonly record: UsageRecord;
  readonly outcome: Outcome;
  readonly region: string;
  readonly run: number;
  readonly place: { readonly file: string; readonly line: number };
  /** Epoch milliseconds; undefined when no answer has come. */
  readonly settledAt: number | undefined;
  /** False where CloudTrail was not looked at: such a record only shows what was billed twice. */
  readonly isCompared: boolean;
};

/** What the ledger and CloudTrail contradict each other in; each is a reason to look. */
export const DIFFERENCES = [
  'ledger-only',
  'cloudtrail-only',
  'different-quantity',
  'different-status',
  'different-id',
  'billed-twice',
] as const;

/**
 * What cannot be said yet: `pending` is younger than CloudTrail's delay, `unsettled` is unknown to the ledger, `unproven`
 * may stand in an event that is not whole.
 */
export const OPEN = ['pending', 'unsettled', 'unproven'] as const;

export type FindingKind = (typeof DIFFERENCES)[number] | (typeof OPEN)[number] | 'agreed' | 'not-sent';

/** What is found of one record. */
export type Finding = {
  readonly kind: FindingKind;
  readonly identity: Identity;
  readonly region: string;
  readonly entry: LedgerEntry | undefined;
  /** What CloudTrail shows, that which counts first. */
  readonly events: readonly EventEntry[];
  /** What is wrong, or what is to be done, in a sentence; undefined when the kind says all. */
  readonly note: string | undefined;
  /** What an unknown record can be settled as. */
  readonly settleAs: Outcome | undefined;
};

/** A part of the result, in the form of the JSON document; members are only ever added. */
export type ReconcileSummary = {
  readonly ledger: string;
  /** `aws`, or another endpoint. */
  readonly endpoint: string;
  /** Where CloudTrail's events come from: `LookupEvents`, or files. */
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
  /** MeterUsage, RegisterUsage and ResolveCustomer: they leave nothing in the ledger. */
  readonly otherCalls: number;
  /** Events of other services. */
  readonly otherEvents: number;
  /** What is no event that could be read. */
  readonly unreadableEvents: number;
  /** Events of other Regions than the one that was looked at. */
  readonly otherRegionEvents: number;
  /** Files in the folders that were named that are no event files by their ending, and folders behind links. */
  readonly leftOutFiles: number;
  /** Of all these so many as may have had records of this time that nobody has seen: the result is not certain. */
  readonly unjudged: number;
};

export type LedgerSide = {
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

/** A finding in the form of the JSON document. */
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

/** An event that CloudTrail has cut, or that cannot be read. */
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
  /** Only when all records are asked for. */
  readonly agreed?: readonly FoundRecord[];
};
