import { STOPPED } from '../../cli/exit-codes.ts';
import { type LedgerLocation, type LedgerScope, ledgerScope } from '../../cli/ledger-location.ts';
import { checkOrder, parseInstant } from '../../cli/options/time.ts';
import {
  lookUpEvents,
  openTrail,
  readFiles,
  type TrailConnection,
  temporaryError,
} from '../../cli/trail/events.ts';
import { type KnownLedger, knownLedger } from '../../cli/trail/known-ledger.ts';
import { ledgerEntries, ledgerLookup } from '../../cli/trail/ledger-side.ts';
import { checkHistory, lookedUpScope, unjudgedIn } from '../../cli/trail/range.ts';
import { EventStore, type HourRange } from '../../cloudtrail/event-store.ts';
import { type ImportPlan, importedRecords, planImport } from '../../cloudtrail/import.ts';
import { DELAY_MS, HISTORY_DAYS } from '../../cloudtrail/lookup.ts';
import { newTally } from '../../cloudtrail/reconcile.ts';
import type { ImportLedger } from '../../ledger/import-ledger.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import { DAY_MS, HOUR_MS, HOUR_SECONDS, isoSeconds, startOfHour } from '../../usage/hours.ts';
import type { World } from '../../world.ts';
import type { ImportOptions } from './import-options.ts';
import { type ImportSummary, writeImport } from './import-output.ts';
import type { LedgerOptions } from './options.ts';

type Options = Omit<LedgerOptions, 'what'> & ImportOptions;

export const importLedger = async (
  location: LedgerLocation,
  options: Options,
  world: World,
  terminal: Terminal,
): Promise<number> => {
  const fromFiles = options.cloudTrail.length > 0;
  // Wrong flags fail here; AWS's clock decides later what relative times mean.
  checkHistory(options, rangeOf(options, world), world);
  const scope = await (fromFiles ? ledgerScope : lookedUpScope)(options, world);
  const ledger = knownLedger(location, { options, world, terminal });
  const trail = fromFiles ? undefined : await openTrail(options, world, terminal);
  try {
    if (!ledger.isFile) await ledger.ready(trail?.credentials);
    const byAws = trail === undefined ? world : { ...world, now: trail.client.now };
    return await importEvents(ledger, options, { scope, trail, world: byAws, terminal });
  } catch (error) {
    throw temporaryError(error);
  } finally {
    ledger.close();
    await trail?.close();
  }
};

/** The hours that begin before `--until`; by default from the first that there can be events of. */
const rangeOf = ({ since, until, cloudTrail }: Options, { now }: Pick<World, 'now'>): HourRange => {
  const instant = now();
  const to = parseInstant('--until', until, instant);
  const oldest = startOfHour(instant.getTime() - HISTORY_DAYS * DAY_MS) + HOUR_SECONDS;
  const first = cloudTrail.length > 0 ? 0 : oldest;
  const from = since === undefined ? undefined : parseInstant('--since', since, instant);
  checkOrder(from, to);
  return {
    since: from === undefined ? first : startOfHour(from),
    until: Math.ceil(to / HOUR_MS) * HOUR_SECONDS,
  };
};

type Run = {
  readonly scope: LedgerScope;
  /** Undefined: the events are in files. */
  readonly trail: TrailConnection | undefined;
  readonly world: World;
  readonly terminal: Terminal;
};

const importEvents = async (
  ledger: KnownLedger,
  options: Options,
  { scope, trail, world, terminal }: Run,
): Promise<number> => {
  const range = rangeOf(options, world);
  using store = new EventStore(range);
  const tally = newTally();
  const leftOut = trail === undefined ? await readFiles(options.cloudTrail, store, tally, world) : [];
  if (trail !== undefined) await lookUpEvents(options, trail, { range, scope, store, tally, world });
  if (world.stop.aborted) return STOPPED;

  // From here on no upload may run.
  const lock = options.dryRun ? undefined : await ledger.lock();
  try {
    const now = world.now();
    const target = await ledger.importer(scope.endpoint, now);
    if (!options.dryRun) await target.upgrade();
    const plan = await compareWithLedger(ledger, { scope, range, store, now });
    const settled = options.dryRun ? plan.settlements : await settle(target, plan, store, now);
    const added = options.dryRun
      ? plan.records
      : plan.records === 0
        ? 0
        : await target.add(importedRecords(store, scope.region), () => world.stop.aborted);
    const unjudged = unjudgedIn({ options, store, scope, range, leftOut, now });
    const summary: ImportSummary = {
      ledger: ledger.name,
      endpoint: scope.endpoint,
      source: trail === undefined ? options.cloudTrail.join(' ') : 'LookupEvents',
      regions: scope.region === undefined ? store.regions : [scope.region],
      since: range.since === 0 ? null : isoSeconds(range.since),
      until: isoSeconds(range.until),
      dryRun: options.dryRun,
      added,
      present: plan.present,
      settled,
      contradicting: plan.contradictions,
      unproven: plan.unproven,
      ...tally,
      ...store.counts(),
      otherRegionEvents: store.otherRegionEvents(scope.region),
      leftOutFiles: leftOut.length,
      unjudged,
    };
    await writeImport({ summary, store, leftOut }, options.output, world, terminal);
    if (world.stop.aborted) return STOPPED;
    if (plan.contradictions > 0) return 4;
    return plan.unproven > 0 || unjudged > 0 ? 5 : 0;
  } finally {
    lock?.release();
  }
};

const settle = async (
  ledger: ImportLedger,
  { settlements }: ImportPlan,
  store: EventStore,
  now: Date,
): Promise<number> => (settlements === 0 ? 0 : ledger.settle(store.settlements(), now.getTime()));

type Compared = {
  readonly scope: LedgerScope;
  readonly range: HourRange;
  readonly store: EventStore;
  readonly now: Date;
};

/** The ledger may not exist yet. It is closed before anything is written to it. */
const compareWithLedger = async (
  ledger: KnownLedger,
  { scope, range, store, now }: Compared,
): Promise<ImportPlan> => {
  const { endpoint, region } = scope;
  const parts = { store, region, now: now.getTime(), delayMs: DELAY_MS };
  if (!ledger.exists()) {
    store.resolveAmbiguous({ customer: () => false, records: () => [] });
    return planImport({ ...parts, ledgers: [] });
  }
  using reader = await ledger.read(endpoint, range, now);
  store.resolveAmbiguous(ledgerLookup(reader, endpoint, range));
  const ledgers = reader
    .destinations()
    .filter(destination => destination.endpoint === endpoint)
    .map(destination =>
      ledgerEntries(
        reader.records({ endpoint, region: destination.region, ...range }),
        region === undefined || destination.region === region,
      ),
    );
  return planImport({ ...parts, ledgers });
};
