import { elsewhere, type LedgerScope } from '../../cli/ledger-location.ts';
import { serviceOf } from '../../cli/trail/flags.ts';
import { ledgerEntries, ledgerLookup } from '../../cli/trail/ledger-side.ts';
import type { EventStore, HourRange } from '../../cloudtrail/event-store.ts';
import { DELAY_MS } from '../../cloudtrail/lookup.ts';
import { type Comparison, reconcile } from '../../cloudtrail/reconcile.ts';
import { UsageError } from '../../errors.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import { type Terminal, warningText } from '../../render/text/terminal.ts';
import type { EpochMs } from '../../usage/hours.ts';
import type { World } from '../../world.ts';
import type { ReconcileOptions } from './options.ts';
import type { UsageSide } from './usage.ts';

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

/** Usage files name no Region: they are compared with that of the events. Throws UsageError if there are several. */
export const compareWithUsage = ({
  usage,
  scope,
  range,
  store,
  now,
  options,
  regions,
}: Omit<ComparisonParts, 'reader'> & { readonly usage: UsageSide }): Comparison => {
  const [only, ...others] = store.regions;
  if (scope.region === undefined && others.length > 0)
    throw new UsageError(
      `the events are of several Regions: ${store.regions.join(', ')}`,
      'use --region with the one that the usage was sent to',
    );
  const region = scope.region ?? only ?? '';
  if (region !== '') regions.add(region);
  store.resolveAmbiguous(usage.lookup);
  return reconcile({
    store,
    ledgers: [usage.entries(range, region)],
    region: scope.region,
    now,
    delayMs: DELAY_MS,
    settle: false,
    all: options.all,
  });
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
