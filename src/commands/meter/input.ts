import type { AskedClock } from '../../cli/connection/service-clock.ts';
import { flagValue, NO_VALUE } from '../../cli/options/values.ts';
import { TooLateError, UsageError } from '../../errors.ts';
import { apiAllocations } from '../../usage/allocations.ts';
import { parseDimension, parseProductCode } from '../../usage/fields.ts';
import type { EpochMs, EpochSeconds } from '../../usage/hours.ts';
import { LIMITS } from '../../usage/limits.ts';
import { isNullText, nullMessage } from '../../usage/null-text.ts';
import { readAmount } from '../../usage/quantity.ts';
import { ROUND_ALONE } from '../../usage/rounding.ts';
import { isTimezone, parseWhen } from '../../usage/timestamp.ts';
import { deadlineOf, FUTURE_TOLERANCE_MS, WINDOWS } from '../../usage/windows.ts';
import type { Inputs } from '../../usage/wire.ts';
import type { World } from '../../world.ts';
import { readAllocations } from './allocations.ts';
import type { MeterOptions } from './options.ts';

/**
 * The request that the flags ask for; its time is checked by the given clock. Throws UsageError, or InputError for the
 * allocations file, before any clock is read; then UsageError or TooLateError.
 */
export const meterInput = async (
  options: MeterOptions,
  world: Pick<World, 'files' | 'now' | 'uuid'>,
): Promise<(clock: AskedClock) => Inputs['MeterUsage']> => {
  if (options.timezone !== undefined && !isTimezone(options.timezone)) {
    throw new UsageError(
      `--timezone: unknown time zone ${options.timezone}`,
      'use a name like Europe/Berlin or UTC',
    );
  }
  const productCode = flagValue('--product-code', parseProductCode(options.productCode, options));
  const dimension = flagValue('--dimension', parseDimension(options.dimension, options));
  const amount = flagValue('--quantity', readAmount(options.quantity, options.round, ROUND_ALONE));
  const instantAt = (now: Date): EpochMs =>
    flagValue('--timestamp', parseWhen(options.timestamp, { now, timezone: options.timezone }));
  instantAt(world.now());
  const { maxLength } = LIMITS.clientToken;
  const clientToken = options.clientToken ?? world.uuid();
  if (clientToken === '' || clientToken.length > maxLength) {
    throw new UsageError(`--client-token must have 1 to ${maxLength} characters`);
  }
  if (isNullText(clientToken)) throw new UsageError(nullMessage('--client-token', clientToken), NO_VALUE);
  const allocations = await readAllocations(options, amount, world);
  return clock => ({
    ProductCode: productCode,
    Timestamp: timestampIn(instantAt(clock.startedAt()), options, clock),
    UsageDimension: dimension,
    UsageQuantity: amount.quantity,
    ...(options.dryRun && { DryRun: true }),
    ...(allocations !== undefined && { UsageAllocations: apiAllocations(allocations) }),
    ClientToken: clientToken,
  });
};

/** Epoch seconds of this instant, if AWS accepts usage of that time. */
const timestampIn = (at: EpochMs, { clientToken }: MeterOptions, { now, note }: AskedClock): EpochSeconds => {
  const nowMs = now().getTime();
  if (at > nowMs + FUTURE_TOLERANCE_MS) throw new UsageError('--timestamp is in the future', note);
  const timestamp = Math.floor(at / 1000);
  if (nowMs >= deadlineOf(timestamp, WINDOWS.MeterUsage)) {
    const because = note === undefined ? '' : `; ${note}`;
    throw new TooLateError(
      `this usage is too old: AWS accepts it for ${WINDOWS.MeterUsage.hours} hours${because}`,
      `${clientToken === undefined ? '' : MAY_BE_REPEATED}add it to the report of a later hour, as the AWS Marketplace Seller Guide allows`,
    );
  }
  return timestamp;
};

/** The token may belong to a call whose reply was lost: then the usage may already be billed. */
const MAY_BE_REPEATED =
  'if this repeats a call that got no reply, check in CloudTrail whether AWS recorded it; if not, ';
