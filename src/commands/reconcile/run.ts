import { destinationOf } from '../../cli/connection/connect.ts';
import { type LedgerScope, ledgerPath, ledgerScope } from '../../cli/ledger-location.ts';
import { checkOrder, parseInstant } from '../../cli/options/time.ts';
import { EventStore, type Range } from '../../cloudtrail/event-store.ts';
import { DIFFERENCES, type FindingKind, OPEN, type ReconcileSummary } from '../../cloudtrail/finding.ts';
import { HISTORY_DAYS } from '../../cloudtrail/lookup.ts';
import { type Comparison, type EventTally, newTally } from '../../cloudtrail/reconcile.ts';
import { OutputError, UsageError } from '../../errors.ts';
import { takeLock } from '../../ledger/lock.ts';
import { LedgerReader } from '../../ledger/reader.ts';
import { settleUnknown } from '../../ledger/settle.ts';
import { isSqliteError } from '../../ledger/sqlite.ts';
import { type Terminal, terminalFor } from '../../render/text/terminal.ts';
import { noticeText } from '../../render/text/warning.ts';
import { DAY_MS, HOUR_MS, HOUR_SECONDS, isoSeconds, startOfHour } from '../../usage/hours.ts';
import { scopeOf } from '../../usage/scope.ts';
import type { World } from '../../world.ts';
import { askCloudTrail, openTrail, readFiles, sendingTime, type Trail } from './events.ts';
import { type Comparing, compareWithLedger } from './ledger.ts';
import { type ReconcileOptions, serviceOf } from './options.ts';
import { writeReconciliation } from './output.ts';

export const runReconcile = async (options: ReconcileOptions, world: World): Promise<number> => {
  const terminal = terminalFor(world, options.color);
  // Wrong flags end it here; what the times among them mean is found out by AWS's clock.
  const asTyped = rangeOf(options, world);
  const path = ledgerPath(options.ledger, world);
  const fromFiles = options.cloudTrail.length > 0;
  checkKept(options, asTyped, world);
  // What there is no ledger for need not be asked for.
  LedgerReader.open(path, world.now())[Symbol.dispose]();
  const scope = fromFiles ? ledgerScope(options, world) : await lookedUpScope(options, world);
  const trail = fromFiles ? undefined : await openTrail(options, world, terminal);
  try {
    // What `now` and so long ago mean, and what is too young to show, is by AWS's clock where AWS is asked.
    const byAws = trail === undefined ? world : { ...world, now: trail.client.now };
    const asked = rangeOf(options, byAws);
    const range =
      options.since === undefined ? backToUnknown(asked, { path, scope, fromFiles, world: byAws }) : asked;
    return await compareAll(options, { path, range, scope, world: byAws, terminal, trail });
  } catch (error) {
    throw temporaryError(error);
  } finally {
    await trail?.close();
  }
};

/** The ledger's own failures are errors of their own by then. */
const temporaryError = (error: unknown): unknown =>
  isSqliteError(error)
    ? new OutputError(
        `the temporary database of the comparison has failed: ${(error as Error).message}`,
        'free some space where temporary files are (TMPDIR), or compare a shorter time',
      )
    : error;

const compareAll = async (
  options: ReconcileOptions,
  {
    path,
    range,
    scope,
    world,
    terminal,
    trail,
  }: Pick<Comparing, 'path' | 'range' | 'scope' | 'world' | 'terminal'> & {
    readonly trail: Trail | undefined;
  },
): Promise<number> => {
  using evidence = new EventStore(range);
  const tally = newTally();
  const leftOut = trail === undefined ? await readFiles(options.cloudTrail, evidence, tally, world) : [];
  if (trail !== undefined) await askCloudTrail(options, trail, { range, scope, evidence, tally, world });
  if (world.stop.aborted) return STOPPED;

  // From here on no upload may come between what is read and what is settled.
  const lock = options.settle ? await takeLock(path, options.waitMs, world) : undefined;
  try {
    const now = world.now().getTime();
    const regions = new Set(evidence.regions);
    const comparison = compareWithLedger({
      path,
      scope,
      range,
      evidence,
      now,
      options,
      regions,
      world,
      terminal,
    });
    const settled =
      comparison.settlements > 0 ? settleUnknown(path, scope.endpoint, evidence.settlements(), now) : 0;
    const unjudged = unjudgedIn({ evidence, scope, range, leftOut, isAsked: trail !== undefined, now });
    const facts = { path, scope, range, options, comparison, tally, evidence, settled, regions };
    const summary = summaryOf({ ...facts, unjudged, leftOut });
    await writeReconciliation({ summary, evidence, leftOut }, options, world, terminal);
    await hints(summary, options, world, terminal);
    return exitCodeOf(comparison.counts, unjudged);
  } finally {
    lock?.release();
  }
};

/** How much may have had records of this time that nobody has seen. CloudTrail is asked for one Region alone. */
const unjudgedIn = ({
  evidence,
  scope,
  range,
  leftOut,
  isAsked,
  now,
}: Pick<Comparing, 'evidence' | 'scope' | 'range' | 'now'> & {
  readonly leftOut: readonly string[];
  readonly isAsked: boolean;
}): number => {
  const looked = { ...sendingTime(range, scope, new Date(now)), region: scope.region };
  const ofOthers = isAsked ? evidence.elsewhere(scope.region) : 0;
  return evidence.unjudged(looked) + ofOthers + leftOut.length;
};

/** The signal that stopped the program has its own code. */
const STOPPED = 130;

/** Hours that begin before `--until`, from the one on that `--since` lies in. */
const rangeOf = (
  { since, until }: Pick<ReconcileOptions, 'since' | 'until'>,
  { now }: Pick<World, 'now'>,
): Range => {
  const instant = now();
  const from = parseInstant('--since', since ?? '-24h', instant);
  const to = parseInstant('--until', until, instant);
  checkOrder(from, to);
  return { since: startOfHour(from), until: Math.ceil(to / HOUR_MS) * HOUR_SECONDS };
};

/** The range, begun earlier where an unknown record is older; CloudTrail's own history has an end. */
const backToUnknown = (
  { since, until }: Range,
  {
    path,
    scope,
    fromFiles,
    world,
  }: Pick<Comparing, 'path' | 'scope' | 'world'> & { readonly fromFiles: boolean },
): Range => {
  using reader = LedgerReader.open(path, world.now());
  const oldest = reader.oldest({ ...scope, until, statuses: ['unknown'] }) ?? since;
  const kept = startOfHour(world.now().getTime() - HISTORY_DAYS * DAY_MS) + HOUR_SECONDS;
  return { since: Math.min(since, fromFiles ? oldest : Math.max(oldest, kept)), until };
};

const checkKept = (
  { cloudTrail }: Pick<ReconcileOptions, 'cloudTrail'>,
  { since }: Range,
  { now }: Pick<World, 'now'>,
): void => {
  if (cloudTrail.length > 0 || since * 1000 >= now().getTime() - HISTORY_DAYS * DAY_MS) return;
  throw new UsageError(
    `--since: CloudTrail's event history goes back ${HISTORY_DAYS} days, not to ${isoSeconds(since)}`,
    'name the files of a trail with --cloudtrail, or a later time',
  );
};

/** Whose records of the ledger the events of this Region are: those that an upload with the same flags sends. */
const lookedUpScope = async (options: ReconcileOptions, world: World): Promise<LedgerScope> => {
  const flags = serviceOf(options);
  const scope = scopeOf(await destinationOf('BatchMeterUsage', flags, world));
  const trail = await destinationOf('LookupEvents', flags, world);
  if (trail.region === scope.region) return scope;
  throw new UsageError(
    `${trail.endpointSource} is CloudTrail in ${trail.region}, but usage is sent to ${scope.region}`,
    `name CloudTrail's endpoint in ${scope.region}, which shows the calls that are made there`,
  );
};

type Facts = Pick<Comparing, 'path' | 'scope' | 'range' | 'options' | 'evidence' | 'regions'> & {
  readonly comparison: Comparison;
  readonly tally: EventTally;
  readonly settled: number;
  readonly unjudged: number;
  readonly leftOut: readonly string[];
};

const summaryOf = (facts: Facts): ReconcileSummary => {
  const { path, scope, range, options, comparison, tally, evidence, settled, regions } = facts;
  const count = (kind: FindingKind): number => comparison.counts.get(kind) ?? 0;
  return {
    ledger: path,
    endpoint: scope.endpoint,
    source: options.cloudTrail.length > 0 ? options.cloudTrail.join(' ') : 'LookupEvents',
    regions: scope.region === undefined ? [...regions].sort() : [scope.region],
    since: isoSeconds(range.since),
    until: isoSeconds(range.until),
    ledgerRecords: comparison.ledgerRecords,
    cloudTrailRecords: comparison.cloudTrailRecords,
    agreed: count('agreed'),
    ledgerOnly: count('ledger-only'),
    cloudTrailOnly: count('cloudtrail-only'),
    differentQuantity: count('different-quantity'),
    differentStatus: count('different-status'),
    differentId: count('different-id'),
    billedTwice: count('billed-twice'),
    pending: count('pending'),
    unsettled: count('unsettled'),
    unproven: count('unproven'),
    settled,
    notSent: count('not-sent'),
    ...tally,
    ...evidence.counts(),
    otherRegionEvents: evidence.elsewhere(scope.region),
    leftOutFiles: facts.leftOut.length,
    unjudged: facts.unjudged,
  };
};

/** What a person may want to do now. */
const hints = async (
  { pending, unsettled, unjudged, leftOutFiles }: ReconcileSummary,
  options: ReconcileOptions,
  { stderr }: World,
  { err }: Terminal,
): Promise<void> => {
  if (options.output !== 'table' && options.output !== 'csv') return;
  if (pending > 0 && options.output === 'table')
    await stderr.write(
      noticeText('pending: CloudTrail takes about 15 minutes; run again later', 'table', err),
    );
  if (unsettled > 0 && !options.settle && options.output === 'table')
    await stderr.write(noticeText('unsettled: --settle writes down what CloudTrail shows', 'table', err));
  if (unjudged > leftOutFiles) {
    const text =
      'not judged: these events may have more records; look at them in CloudTrail, or in the files of a trail';
    await stderr.write(noticeText(text, 'table', err));
  }
  if (leftOutFiles > 0) {
    const text =
      'not judged: only .json, .jsonl and .json.gz are read; unpack or rename what has events, move the rest';
    await stderr.write(noticeText(text, 'table', err));
  }
};

const exitCodeOf = (counts: Comparison['counts'], unjudged: number): number => {
  const has = (kinds: readonly FindingKind[]): boolean => kinds.some(kind => (counts.get(kind) ?? 0) > 0);
  if (has(DIFFERENCES)) return 4;
  return has(OPEN) || unjudged > 0 ? 5 : 0;
};
