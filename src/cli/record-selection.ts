import { startOfHour } from '../usage/hours.ts';
import type { World } from '../world.ts';
import { ledgerScope } from './ledger-location.ts';
import type { SelectionFlags } from './options/selection.ts';
import { checkOrder, parseInstant } from './options/time.ts';

/**
 * The records that the flags select: those of every hour that overlaps the range, at one endpoint. Throws UsageError
 * naming the flag.
 */
export const selectionOf = (flags: SelectionFlags, world: Pick<World, 'env' | 'now'>) => {
  const now = world.now();
  const since = flags.since === undefined ? undefined : parseInstant('--since', flags.since, now);
  const until = flags.until === undefined ? undefined : parseInstant('--until', flags.until, now);
  checkOrder(since, until);
  return {
    ...ledgerScope(flags, world),
    /** The exact range, epoch milliseconds. */
    instants: { since, until },
    since: since === undefined ? undefined : startOfHour(since),
    until: until === undefined ? undefined : Math.ceil(until / 1000),
    customer: flags.customer,
    licenseArn: flags.license,
    productCode: flags.productCode,
    dimension: flags.dimension,
  };
};
