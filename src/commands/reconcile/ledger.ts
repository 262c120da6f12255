import { elsewhere, type LedgerScope } from '../../cli/ledger-location.ts';
import type { LedgerLookup } from '../../cloudtrail/ambiguous-entry.ts';
import type { EventStore, HourRange } from '../../cloudtrail/event-store.ts';
import type { LedgerEntry } from '../../cloudtrail/finding.ts';
import { DELAY_MS } from '../../cloudtrail/lookup.ts';
import { type Comparison, reconcile } from '../../cloudtrail/reconcile.ts';
import { customersIn } from '../../ledger/queries/values.ts';
import type { KnownRecord, LedgerReader } from '../../ledger/reader.ts';
import { type Terminal, warningText } from '../../render/text/terminal.ts';
import { type EpochMs, HOUR_SECONDS } from '../../usage/hours.ts';
import { customerOf, joinKey } from '../../usage/key.ts';
import type { World } from '../../world.ts';
import { type ReconcileOptions, serviceOf } from './options.ts';

type ComparisonParts = {
  /** Opened after all events are loaded: by then it has every upload of this machine that AWS shows. It is closed. */
  readonly reader: LedgerReader;
  readonly scope: LedgerScope;
  readonly range: HourRange;
  readonly store: EventStore;
  readonly now: EpochMs;
  readonly options: ReconcileOptions;
  /** The Regions of the ledger are added to these. */
  readonly regions: Set<string>;
  readonly world: World;
  readonly terminal: Terminal;
};

export const compareWithLedger = (parts: ComparisonParts): Comparison => {
  using reader = parts.reader;
  const { scope, range, store, now, options, regions, world, terminal } = parts;
  const { endpoint, region } = scope;
  const hint = elsewhere(reader, scope);
  if (hint !== undefined) void world.stderr.write(warningText(hint, serviceOf(options).output, terminal.err));
  store.resolveAmbiguous(ledgerLookup(reader, endpoint, range));
  const known = reader.destinations().filter(destination => destination.endpoint === endpoint);
  for (const destination of known) regions.add(destination.region);
  const ledgers = known.map(destination =>
    ledgerEntries(
      reader.records({ endpoint, region: destination.region, ...range }),
      region === undefined || destination.region === region,
    ),
  );
  return reconcile({
    store,
    ledgers,
    region,
    now,
    delayMs: DELAY_MS,
    settle: options.settle,
    all: options.all,
  });
};

function* ledgerEntries(records: Iterable<KnownRecord>, isCompared: boolean): Generator<LedgerEntry> {
  for (const { record, outcome, region, run, place, settledAt } of records)
    yield { record, outcome, region, run, place, settledAt, isCompared };
}

const ledgerLookup = (reader: LedgerReader, endpoint: string, range: HourRange): LedgerLookup => {
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
