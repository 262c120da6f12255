import { elsewhere, type LedgerScope } from '../../cli/ledger-location.ts';
import type { EventStore, LedgerKnows, Range } from '../../cloudtrail/event-store.ts';
import type { LedgerEntry } from '../../cloudtrail/finding.ts';
import { DELAY_MS } from '../../cloudtrail/lookup.ts';
import { type Comparison, reconcile } from '../../cloudtrail/reconcile.ts';
import { type KnownRecord, LedgerReader } from '../../ledger/reader.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import { warningText } from '../../render/text/warning.ts';
import { HOUR_SECONDS } from '../../usage/hours.ts';
import type { World } from '../../world.ts';
import { type ReconcileOptions, serviceOf } from './options.ts';

export type Comparing = {
  readonly path: string;
  readonly scope: LedgerScope;
  readonly range: Range;
  readonly evidence: EventStore;
  readonly now: number;
  readonly options: ReconcileOptions;
  /** Filled with those of the ledger. */
  readonly regions: Set<string>;
  readonly world: World;
  readonly terminal: Terminal;
};

/** The ledger is opened after all events are there: what AWS shows of this machine's uploads is in it by then. */
export const compareWithLedger = (parts: Comparing): Comparison => {
  const { path, scope, range, evidence, now, options, regions, world, terminal } = parts;
  const { endpoint, region } = scope;
  using reader = LedgerReader.open(path, new Date(now));
  const hint = elsewhere(reader, scope);
  if (hint !== undefined) void world.stderr.write(warningText(hint, serviceOf(options).output, terminal.err));
  evidence.settleAmbiguous(knowledgeOf(reader, endpoint, range));
  const known = reader.destinations().filter(destination => destination.endpoint === endpoint);
  for (const destination of known) regions.add(destination.region);
  const ledgers = known.map(destination =>
    heldIn(
      reader.records({ endpoint, region: destination.region, ...range }),
      region === undefined || destination.region === region,
    ),
  );
  return reconcile({
    evidence,
    ledgers,
    region,
    now,
    delayMs: DELAY_MS,
    settle: options.settle,
    all: options.all,
  });
};

function* heldIn(records: Iterable<KnownRecord>, isCompared: boolean): Generator<LedgerEntry> {
  for (const { record, outcome, region, run, place, settledAt } of records)
    yield { record, outcome, region, run, place, settledAt, isCompared };
}

const knowledgeOf = (reader: LedgerReader, endpoint: string, { since, until }: Range): LedgerKnows => {
  let customers: ReadonlySet<string> | undefined;
  const nameOf = (region: unknown, isAccount: boolean, customer: unknown): string =>
    `${region} ${isAccount} ${customer}`;
  const allCustomers = (): ReadonlySet<string> =>
    new Set(
      reader
        .all(
          `SELECT DISTINCT region, mode <> 'customer' AS account, customer
           FROM destination CROSS JOIN record ON record.destination = destination.id
           WHERE endpoint = ? AND timestamp >= ? AND timestamp < ?`,
          endpoint,
          since,
          until,
        )
        .map(row => nameOf(row['region'], row['account'] === 1, row['customer'])),
    );
  return {
    customer: ({ customerAWSAccountId, customerIdentifier }, region) => {
      customers ??= allCustomers();
      const isAccount = customerAWSAccountId !== undefined;
      return customers.has(nameOf(region, isAccount, customerAWSAccountId ?? customerIdentifier));
    },
    records: ({ timestamp, dimension, customerAWSAccountId, customerIdentifier }, region) => {
      const customer = customerAWSAccountId ?? customerIdentifier;
      const hour = { since: timestamp, until: timestamp + HOUR_SECONDS };
      return [...reader.records({ endpoint, region, ...hour, customer, dimension })].map(
        ({ record, outcome }) => ({ identity: record, meteringRecordId: outcome.meteringRecordId }),
      );
    },
  };
};
