import { destinationOf } from '../../cli/connection/target.ts';
import type { LedgerScope } from '../../cli/ledger-location.ts';
import { checkOrder, parseInstant } from '../../cli/options/time.ts';
import type { HourRange } from '../../cloudtrail/event-store.ts';
import { HISTORY_DAYS } from '../../cloudtrail/lookup.ts';
import { UsageError } from '../../errors.ts';
import {
  DAY_MS,
  type EpochSeconds,
  HOUR_MS,
  HOUR_SECONDS,
  isoSeconds,
  startOfHour,
} from '../../usage/hours.ts';
import { AWS, scopeOf } from '../../usage/scope.ts';
import { FUTURE_TOLERANCE_MS, WINDOWS } from '../../usage/windows.ts';
import type { World } from '../../world.ts';
import type { KnownLedger } from './known-ledger.ts';
import { type ReconcileOptions, serviceOf } from './options.ts';

/** The hours that begin before `--until`, from the hour that contains `--since`. */
export const rangeOf = (
  { since, until }: Pick<ReconcileOptions, 'since' | 'until'>,
  { now }: Pick<World, 'now'>,
): HourRange => {
  const instant = now();
  const from = parseInstant('--since', since ?? '-24h', instant);
  const to = parseInstant('--until', until, instant);
  checkOrder(from, to);
  return { since: startOfHour(from), until: Math.ceil(to / HOUR_MS) * HOUR_SECONDS };
};

/** The range, starting earlier if an unknown record is older, but not before CloudTrail's own history. */
export const backToUnknown = async (
  { since, until }: HourRange,
  {
    ledger,
    scope,
    fromFiles,
    world,
  }: {
    readonly ledger: Pick<KnownLedger, 'read'>;
    readonly scope: LedgerScope;
    readonly fromFiles: boolean;
    readonly world: World;
  },
): Promise<HourRange> => {
  using reader = await ledger.read(scope.endpoint, undefined, world.now());
  const oldest = reader.oldest({ ...scope, until, statuses: ['unknown'] }) ?? since;
  const kept = startOfHour(world.now().getTime() - HISTORY_DAYS * DAY_MS) + HOUR_SECONDS;
  return { since: Math.min(since, fromFiles ? oldest : Math.max(oldest, kept)), until };
};

/** Throws UsageError if the range starts before CloudTrail's own history. */
export const checkHistory = (
  { cloudTrail }: Pick<ReconcileOptions, 'cloudTrail'>,
  { since }: HourRange,
  { now }: Pick<World, 'now'>,
): void => {
  if (cloudTrail.length > 0 || since * 1000 >= now().getTime() - HISTORY_DAYS * DAY_MS) return;
  throw new UsageError(
    `--since: CloudTrail's event history goes back ${HISTORY_DAYS} days, not to ${isoSeconds(since)}`,
    'use --cloudtrail with the files of a trail, or a later time',
  );
};

/** The records of the ledger that the events of this Region are about: those that an upload with the same flags sends. */
export const lookedUpScope = async (options: ReconcileOptions, world: World): Promise<LedgerScope> => {
  const flags = serviceOf(options);
  const scope = scopeOf(await destinationOf('BatchMeterUsage', flags, world));
  const trail = await destinationOf('LookupEvents', flags, world);
  if (trail.region === scope.region) return scope;
  throw new UsageError(
    `${trail.endpointSource} is CloudTrail in ${trail.region}, but usage is sent to ${scope.region}`,
    `use CloudTrail's endpoint in ${scope.region}, which shows the calls made there`,
  );
};

/**
 * When usage of these hours may have been sent: after the start of its hour, and to AWS only while its window was open. An
 * emulator may accept it later.
 */
export const sendingTime = (
  { since, until }: HourRange,
  { endpoint }: LedgerScope,
  now: Date,
): { readonly from: EpochSeconds; readonly to: EpochSeconds } => {
  const nowSeconds = Math.ceil(now.getTime() / 1000);
  const last = until + (WINDOWS.BatchMeterUsage.hours + 1) * HOUR_SECONDS;
  return {
    from: since - FUTURE_TOLERANCE_MS / 1000,
    to: endpoint === AWS ? Math.min(nowSeconds, last) : Math.max(nowSeconds, last),
  };
};
