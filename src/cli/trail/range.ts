import type { EventStore, HourRange } from '../../cloudtrail/event-store.ts';
import { HISTORY_DAYS } from '../../cloudtrail/lookup.ts';
import { UsageError } from '../../errors.ts';
import { DAY_MS, type EpochSeconds, HOUR_SECONDS, isoSeconds } from '../../usage/hours.ts';
import { AWS, scopeOf } from '../../usage/scope.ts';
import { FUTURE_TOLERANCE_MS, WINDOWS } from '../../usage/windows.ts';
import type { World } from '../../world.ts';
import { destinationOf } from '../connection/target.ts';
import type { LedgerScope } from '../ledger-location.ts';
import { serviceOf, type TrailFlags } from './flags.ts';

/** Throws UsageError if the range starts before CloudTrail's own history. */
export const checkHistory = (
  { cloudTrail }: Pick<TrailFlags, 'cloudTrail'>,
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
export const lookedUpScope = async (options: TrailFlags, world: World): Promise<LedgerScope> => {
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

/** What may have unseen records of this time. LookupEvents is asked in only one Region. */
export const unjudgedIn = ({
  options,
  store,
  scope,
  range,
  leftOut,
  now,
}: {
  readonly options: Pick<TrailFlags, 'cloudTrail'>;
  readonly store: Pick<EventStore, 'otherRegionEvents' | 'unjudgedEvents'>;
  readonly scope: LedgerScope;
  readonly range: HourRange;
  /** Files in folders that were not read. */
  readonly leftOut: readonly string[];
  readonly now: Date;
}): number => {
  const calls = { ...sendingTime(range, scope, now), region: scope.region };
  const isLookup = options.cloudTrail.length === 0;
  const ofOthers = isLookup ? store.otherRegionEvents(scope.region) : 0;
  return store.unjudgedEvents(calls) + ofOthers + leftOut.length;
};
