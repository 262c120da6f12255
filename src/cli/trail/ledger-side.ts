import type { LedgerLookup } from '../../cloudtrail/ambiguous-entry.ts';
import type { HourRange } from '../../cloudtrail/event-store.ts';
import type { LedgerEntry } from '../../cloudtrail/finding.ts';
import type { KnownRecord } from '../../ledger/known-record.ts';
import { customersIn } from '../../ledger/queries/values.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import { HOUR_SECONDS } from '../../usage/hours.ts';
import { customerOf, joinKey } from '../../usage/key.ts';

/** The records of one Region. `isCompared`: see `LedgerEntry`. */
export function* ledgerEntries(records: Iterable<KnownRecord>, isCompared: boolean): Generator<LedgerEntry> {
  for (const { record, outcome, region, run, place, settledAt } of records)
    yield { record, outcome, region, run, place, settledAt, isCompared };
}

/** How the ledger decides ambiguous entries. */
export const ledgerLookup = (reader: LedgerReader, endpoint: string, range: HourRange): LedgerLookup => {
  let customers: ReadonlySet<string> | undefined;
  const customerKey = (region: string, isAccount: boolean, customer: string): string =>
    joinKey(region, String(isAccount), customer);
  const allCustomers = (): ReadonlySet<string> => {
    const keys = new Set<string>();
    for (const { region, isAccount, customer } of customersIn(reader, { endpoint, ...range }))
      keys.add(customerKey(region, isAccount, customer));
    return keys;
  };
  return {
    customer: (identity, region) => {
      customers ??= allCustomers();
      const isAccount = identity.customerAWSAccountId !== undefined;
      return customers.has(customerKey(region, isAccount, customerOf(identity)));
    },
    records: (identity, region) => {
      const { timestamp, dimension } = identity;
      const hour = { since: timestamp, until: timestamp + HOUR_SECONDS };
      const selection = { endpoint, region, ...hour, customer: customerOf(identity), dimension };
      return [...reader.records(selection)].map(({ record, outcome }) => ({
        identity: record,
        meteringRecordId: outcome.meteringRecordId,
      }));
    },
  };
};
