import { type LedgerScope, ledgerLocation, ledgerScope } from '../../cli/ledger-location.ts';
import { EventStore, type HourRange } from '../../cloudtrail/event-store.ts';
import { DIFFERENCES, type FindingKind, OPEN } from '../../cloudtrail/finding.ts';
import { type Comparison, newTally } from '../../cloudtrail/reconcile.ts';
import { OutputError } from '../../errors.ts';
import { isSqliteError } from '../../ledger/sqlite.ts';
import { type Terminal, terminalFor } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import { lookUpEvents, openTrail, readFiles, type TrailConnection } from './events.ts';
import { type KnownLedger, knownLedger } from './known-ledger.ts';
import { compareWithLedger } from './ledger.ts';
import type { ReconcileOptions } from './options.ts';
import { writeReconciliation } from './output.ts';
import { backToUnknown, checkHistory, lookedUpScope, rangeOf } from './range.ts';
import { summaryOf, writeHints } from './summary.ts';

export const runReconcile = async (options: ReconcileOptions, world: World): Promise<number> => {
  const terminal = terminalFor(world, options.color);
  // Wrong flags fail here; AWS's clock decides later what relative times mean.
  const asTyped = rangeOf(options, world);
  const location = ledgerLocation(options.ledger, world);
  const ledger = knownLedger(location, { options, world, terminal });
  const fromFiles = options.cloudTrail.length > 0;
  checkHistory(options, asTyped, world);
  // Without a ledger there is no reason to ask CloudTrail.
  if (location.kind === 'file') await ledger.ready();
  const scope = fromFiles ? ledgerScope(options, world) : await lookedUpScope(options, world);
  const trail = fromFiles ? undefined : await openTrail(options, world, terminal);
  try {
    if (location.kind === 'table') await ledger.ready(trail?.credentials);
    // If AWS is asked, its clock decides what `now` and relative times mean, and what is too young to appear.
    const byAws = trail === undefined ? world : { ...world, now: trail.client.now };
    const asked = rangeOf(options, byAws);
    const range =
      options.since === undefined
        ? await backToUnknown(asked, { ledger, scope, fromFiles, world: byAws })
        : asked;
    return await compareAll(options, { ledger, range, scope, world: byAws, terminal, trail });
  } catch (error) {
    throw temporaryError(error);
  } finally {
    ledger.close();
    await trail?.close();
  }
};

/** Failures of the ledger have their own errors, so an error of SQLite is one of the temporary database. */
const temporaryError = (error: unknown): unknown =>
  isSqliteError(error)
    ? new OutputError(
        `the temporary database of the comparison failed: ${(error as Error).message}`,
        'free some space for temporary files (TMPDIR), or compare a shorter time',
      )
    : error;

type Run = {
  readonly ledger: KnownLedger;
  readonly range: HourRange;
  readonly scope: LedgerScope;
  readonly world: World;
  readonly terminal: Terminal;
  /** Undefined: the events are in files. */
  readonly trail: TrailConnection | undefined;
};

const compareAll = async (
  options: ReconcileOptions,
  { ledger, range, scope, world, terminal, trail }: Run,
): Promise<number> => {
  using store = new EventStore(range);
  const tally = newTally();
  const leftOut = trail === undefined ? await readFiles(options.cloudTrail, store, tally, world) : [];
  if (trail !== undefined) await lookUpEvents(options, trail, { range, scope, store, tally, world });
  if (world.stop.aborted) return STOPPED;

  const lock = options.settle ? await ledger.lock() : undefined;
  try {
    const now = world.now();
    const regions = new Set(store.regions);
    const nowMs = now.getTime();
    const comparison = compareWithLedger({
      reader: await ledger.read(scope.endpoint, range, now),
      scope,
      range,
      store,
      now: nowMs,
      options,
      regions,
      world,
      terminal,
    });
    const settled =
      comparison.settlements > 0 ? await ledger.settle(scope.endpoint, store.settlements(), nowMs) : 0;
    const { name } = ledger;
    const facts = {
      ledger: name,
      scope,
      range,
      options,
      store,
      comparison,
      tally,
      regions,
      settled,
      leftOut,
      now,
    };
    const summary = summaryOf(facts);
    await writeReconciliation({ summary, store, leftOut }, options, world, terminal);
    await writeHints(summary, options, world, terminal);
    return exitCodeOf(comparison.counts, summary.unjudged);
  } finally {
    lock?.release();
  }
};

/** The signal that stopped the program has its own code. */
const STOPPED = 130;

const exitCodeOf = (counts: Comparison['counts'], unjudged: number): number => {
  const has = (kinds: readonly FindingKind[]): boolean => kinds.some(kind => (counts.get(kind) ?? 0) > 0);
  if (has(DIFFERENCES)) return 4;
  return has(OPEN) || unjudged > 0 ? 5 : 0;
};
