import type { LedgerScope } from '../../cli/ledger-location.ts';
import { checkOrder, parseInstant } from '../../cli/options/time.ts';
import type { KnownLedger } from '../../cli/trail/known-ledger.ts';
import type { HourRange } from '../../cloudtrail/event-store.ts';
import { HISTORY_DAYS } from '../../cloudtrail/lookup.ts';
import { DAY_MS, HOUR_MS, HOUR_SECONDS, startOfHour } from '../../usage/hours.ts';
import type { World } from '../../world.ts';
import type { ReconcileOptions } from './options.ts';

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
