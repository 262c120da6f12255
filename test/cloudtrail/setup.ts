import type { LedgerLookup } from '../../src/cloudtrail/ambiguous-entry.ts';
import { EventStore } from '../../src/cloudtrail/event-store.ts';
import {
  DIFFERENCES,
  type FindingKind,
  type FoundRecord,
  type LedgerEntry,
  OPEN,
} from '../../src/cloudtrail/finding.ts';
import { addEvent, type Comparison, newTally, reconcile } from '../../src/cloudtrail/reconcile.ts';
import { byBytes } from '../../src/cloudtrail/usage-hour.ts';
import { customerOf, type Keyed, offeringOf } from '../../src/usage/key.ts';
import type { Status } from '../../src/usage/outcome.ts';
import { identityMode, type UsageRecord } from '../../src/usage/record.ts';
import { NOW } from '../helpers/world.ts';

/** 2026-11-22T08:00:00Z, a while before NOW. */
export const HOUR = Date.UTC(2026, 10, 22, 8) / 1000;
const REGION = 'us-east-1';
const DELAY_MS = 15 * 60_000;

export const ACCOUNT = '111122223333';
export const LICENSE = 'arn:aws:license-manager::123456789012:license:l-1';

export const record = (different: Partial<UsageRecord> = {}): UsageRecord => ({
  timestamp: HOUR,
  dimension: 'users',
  quantity: 5,
  customerAWSAccountId: ACCOUNT,
  licenseArn: undefined,
  customerIdentifier: undefined,
  productCode: 'product',
  usageAllocations: undefined,
  ...different,
});

export const ledgerEntry = (
  status: Status,
  different: Partial<UsageRecord> = {},
  facts: Partial<LedgerEntry> = {},
): LedgerEntry => ({
  record: record(different),
  outcome: { status, reason: undefined, meteringRecordId: status === 'accepted' ? 'id' : undefined },
  region: REGION,
  run: 1,
  place: { file: 'usage.csv', line: 2 },
  settledAt: (HOUR + 3600) * 1000,
  isCompared: true,
  ...facts,
});

/** What AWS answered to a record; undefined: the event does not say. */
export type Answer = {
  readonly record: UsageRecord;
  readonly status: string | undefined;
  readonly id?: string | undefined;
  readonly unprocessed?: boolean;
};

/** How an event is spelled. */
export type Spelled = {
  readonly account: 'customerAWSAccountID' | 'customerAWSAccountId';
  readonly source: 'metering-marketplace' | 'marketplacemetering';
  readonly time: (seconds: number) => unknown;
};

const PLAIN: Spelled = {
  account: 'customerAWSAccountID',
  source: 'metering-marketplace',
  time: seconds => seconds,
};

let events = 0;

/** The event of a call with these records. */
export const eventOf = (
  answers: readonly Answer[],
  different: Readonly<Record<string, unknown>> = {},
  { account, source, time }: Spelled = PLAIN,
): Readonly<Record<string, unknown>> => {
  const said = ({ record: one }: Answer): object => ({
    dimension: one.dimension,
    timestamp: time(one.timestamp),
    ...(one.customerAWSAccountId !== undefined && { [account]: one.customerAWSAccountId }),
    ...(one.customerIdentifier !== undefined && { customerIdentifier: one.customerIdentifier }),
    ...(one.licenseArn !== undefined && { licenseArn: one.licenseArn }),
    quantity: one.quantity,
  });
  const [first] = answers;
  const product =
    first === undefined || first.record.licenseArn !== undefined ? undefined : first.record.productCode;
  const answered = answers.filter(({ status }) => status !== undefined);
  events += 1;
  return {
    eventID: `event-${events}`,
    eventTime: new Date((HOUR + 3600) * 1000).toISOString(),
    eventSource: `${source}.amazonaws.com`,
    eventName: 'BatchMeterUsage',
    awsRegion: REGION,
    sourceIPAddress: '203.0.113.7',
    userAgent: 'agent',
    userIdentity: { arn: 'arn:aws:iam::1:user/us' },
    requestParameters: {
      ...(product !== undefined && { productCode: product }),
      usageRecords: answers.map(said),
    },
    responseElements: {
      results: answered.map(answer => ({
        usageRecord: said(answer),
        status: answer.status,
        ...(answer.id !== undefined && { meteringRecordId: answer.id }),
      })),
      unprocessedRecords: answers.filter(({ unprocessed }) => unprocessed).map(said),
    },
    ...different,
  };
};

export const success = (different: Partial<UsageRecord> = {}, id = 'id'): Answer => ({
  record: record(different),
  status: 'Success',
  id,
});

export const answered = (status: string | undefined, different: Partial<UsageRecord> = {}): Answer => ({
  record: record(different),
  status,
});

export type Reconciled = Comparison & {
  readonly differences: readonly FoundRecord[];
  readonly open: readonly FoundRecord[];
  readonly agreed: readonly FoundRecord[];
  readonly settled: readonly {
    readonly record: UsageRecord;
    readonly outcome: { readonly status: Status };
  }[];
};

export type ReconcileFacts = {
  readonly now?: number;
  readonly settle?: boolean;
  readonly region?: string;
  readonly regions?: readonly string[];
};

const inOrder = (a: LedgerEntry, b: LedgerEntry): number =>
  a.record.timestamp - b.record.timestamp ||
  byBytes(customerOf(a.record), customerOf(b.record)) ||
  byBytes(a.record.dimension, b.record.dimension) ||
  byBytes(identityMode(a.record), identityMode(b.record)) ||
  byBytes(offeringOf(a.record), offeringOf(b.record));

/** What is found between these records of the ledger and these events. */
export const reconciled = (
  ledger: readonly LedgerEntry[],
  values: Iterable<unknown>,
  { now = NOW.getTime(), settle = false, region }: ReconcileFacts = {},
): Reconciled => {
  // Not `using`: Node 22 runs these tests, and does not know it.
  const store = new EventStore({ since: HOUR - 86_400, until: HOUR + 86_400 });
  try {
    const tally = newTally();
    let place = 0;
    for (const value of values) addEvent(value, store, tally, `${++place} of the test`);
    const isCustomer = (one: LedgerEntry, identity: Keyed, at: string): boolean =>
      one.region === at &&
      (identityMode(one.record) === 'customer') === (identityMode(identity) === 'customer') &&
      customerOf(one.record) === customerOf(identity);
    const knows: LedgerLookup = {
      customer: (identity, at) => ledger.some(one => isCustomer(one, identity, at)),
      records: (identity, at) =>
        ledger
          .filter(
            one =>
              isCustomer(one, identity, at) &&
              one.record.timestamp === identity.timestamp &&
              one.record.dimension === identity.dimension,
          )
          .map(one => ({ identity: one.record, meteringRecordId: one.outcome.meteringRecordId })),
    };
    store.resolveAmbiguous(knows);
    const regions = [...new Set(ledger.map(one => one.region))];
    const ledgers = regions.map(name => ledger.filter(one => one.region === name).toSorted(inOrder));
    const comparison = reconcile({ store, ledgers, region, now, delayMs: DELAY_MS, settle, all: true });
    return {
      ...comparison,
      differences: [...store.findings(DIFFERENCES)],
      open: [...store.findings(OPEN)],
      agreed: [...store.findings(['agreed'])],
      settled: [...store.settlements()],
    };
  } finally {
    store[Symbol.dispose]();
  }
};

/** The kinds that were found, each as often as it was. */
export const kindsOf = ({ counts }: Pick<Comparison, 'counts'>): Partial<Record<FindingKind, number>> =>
  Object.fromEntries([...counts].sort());

/** One spelling for what a record is recognized by. */
export const nameOf = (one: UsageRecord, region = REGION): string =>
  [identityMode(one), offeringOf(one), customerOf(one), one.dimension, one.timestamp, region].join(' ');
