import { STOPPED } from '../../cli/exit-codes.ts';
import { type LedgerScope, ledgerLocation, ledgerScope } from '../../cli/ledger-location.ts';
import {
  lookUpEvents,
  openTrail,
  readFiles,
  type TrailConnection,
  temporaryError,
} from '../../cli/trail/events.ts';
import { type KnownLedger, knownLedger } from '../../cli/trail/known-ledger.ts';
import { checkHistory, lookedUpScope } from '../../cli/trail/range.ts';
import { EventStore, type HourRange } from '../../cloudtrail/event-store.ts';
import { DIFFERENCES, type FindingKind, OPEN } from '../../cloudtrail/finding.ts';
import { type Comparison, newTally } from '../../cloudtrail/reconcile.ts';
import { type Terminal, terminalFor } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import { compareWithLedger, compareWithUsage } from './ledger.ts';
import type { ReconcileOptions } from './options.ts';
import { writeReconciliation } from './output.ts';
import { backToUnknown, rangeOf } from './range.ts';
import { summaryOf, writeHints } from './summary.ts';
import { readUsage, type UsageSide } from './usage.ts';

export const runReconcile = async (options: ReconcileOptions, world: World): Promise<number> => {
  const terminal = terminalFor(world, options.color);
  // Wrong flags fail here; AWS's clock decides later what relative times mean.
  const asTyped = rangeOf(options, world);
  checkHistory(options, asTyped, world);
  if (options.usage.length === 0) return reconcileLedger(options, world, terminal);
  const usage = await readUsage(options, world, terminal);
  try {
    return await reconcileWith({ usage }, options, world, terminal);
  } finally {
    usage.close();
  }
};

const reconcileLedger = async (
  options: ReconcileOptions,
  world: World,
  terminal: Terminal,
): Promise<number> => {
  const ledger = knownLedger(ledgerLocation(options.ledger, world), { options, world, terminal });
  try {
    // Without a ledger there is no reason to ask CloudTrail.
    if (ledger.isFile) await ledger.ready();
    return await reconcileWith({ ledger }, options, world, terminal);
  } finally {
    ledger.close();
  }
};

/** What is compared with CloudTrail: a ledger, or usage files. */
type OwnSide = { readonly ledger: KnownLedger } | { readonly usage: UsageSide };

const reconcileWith = async (
  own: OwnSide,
  options: ReconcileOptions,
  world: World,
  terminal: Terminal,
): Promise<number> => {
  const fromFiles = options.cloudTrail.length > 0;
  const scope = await (fromFiles ? ledgerScope : lookedUpScope)(options, world);
  const trail = fromFiles ? undefined : await openTrail(options, world, terminal);
  try {
    if ('ledger' in own && !own.ledger.isFile) await own.ledger.ready(trail?.credentials);
    // If AWS is asked, its clock decides what `now` and relative times mean, and what is too young to appear.
    const byAws = trail === undefined ? world : { ...world, now: trail.client.now };
    const asked = rangeOf(options, byAws);
    const range =
      options.since === undefined
        ? await defaultRange(asked, { own, scope, fromFiles, world: byAws })
        : asked;
    if ('usage' in own) checkHistory(options, range, byAws);
    return await compareAll(options, { own, range, scope, world: byAws, terminal, trail });
  } catch (error) {
    throw temporaryError(error);
  } finally {
    await trail?.close();
  }
};

type DefaultRange = Omit<Parameters<typeof backToUnknown>[1], 'ledger'> & { readonly own: OwnSide };

const defaultRange = async (asked: HourRange, { own, ...facts }: DefaultRange): Promise<HourRange> =>
  'ledger' in own
    ? backToUnknown(asked, { ledger: own.ledger, ...facts })
    : { since: own.usage.range.since, until: Math.min(asked.until, own.usage.range.until) };

type Run = {
  readonly own: OwnSide;
  readonly range: HourRange;
  readonly scope: LedgerScope;
  readonly world: World;
  readonly terminal: Terminal;
  /** Undefined: the events are in files. */
  readonly trail: TrailConnection | undefined;
};

const compareAll = async (
  options: ReconcileOptions,
  { own, range, scope, world, terminal, trail }: Run,
): Promise<number> => {
  using store = new EventStore(range);
  const tally = newTally();
  const leftOut = trail === undefined ? await readFiles(options.cloudTrail, store, tally, world) : [];
  if (trail !== undefined) await lookUpEvents(options, trail, { range, scope, store, tally, world });
  if (world.stop.aborted) return STOPPED;

  const lock = options.settle && 'ledger' in own ? await own.ledger.lock() : undefined;
  try {
    const now = world.now();
    const regions = new Set(store.regions);
    const nowMs = now.getTime();
    const parts = { scope, range, store, now: nowMs, options, regions, world, terminal };
    const comparison =
      'ledger' in own
        ? compareWithLedger({ reader: await own.ledger.read(scope.endpoint, range, now), ...parts })
        : compareWithUsage({ usage: own.usage, ...parts });
    const settled =
      'ledger' in own && comparison.settlements > 0
        ? await own.ledger.settle(scope.endpoint, store.settlements(), nowMs)
        : 0;
    const facts = {
      ledger: 'ledger' in own ? own.ledger.name : options.usage.join(' '),
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

const exitCodeOf = (counts: Comparison['counts'], unjudged: number): number => {
  const has = (kinds: readonly FindingKind[]): boolean => kinds.some(kind => (counts.get(kind) ?? 0) > 0);
  if (has(DIFFERENCES)) return 4;
  return has(OPEN) || unjudged > 0 ? 5 : 0;
};
