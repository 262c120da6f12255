import type { AskedClock } from '../../cli/connection/service-clock.ts';
import { flagHelp, flagValue, NO_VALUE } from '../../cli/options/values.ts';
import { readText } from '../../cli/read-file.ts';
import { InputError, TooLateError, UsageError } from '../../errors.ts';
import { allocationTrouble, apiAllocations, inOrder, parseAllocations } from '../../usage/allocations.ts';
import { parseDimension, parseProductCode } from '../../usage/fields.ts';
import { LIMITS } from '../../usage/limits.ts';
import { isNullText, nullMessage } from '../../usage/null-text.ts';
import { parseQuantity } from '../../usage/quantity.ts';
import type { UsageAllocation } from '../../usage/record.ts';
import { isTimezone, parseWhen } from '../../usage/timestamp.ts';
import { deadlineOf, FUTURE_TOLERANCE_MS, WINDOWS } from '../../usage/windows.ts';
import type { Inputs } from '../../usage/wire.ts';
import type { World } from '../../world.ts';
import { parseAllocationFlag } from './allocations.ts';
import type { MeterOptions } from './options.ts';

/**
 * The request that the flags ask for, by the clock that times are judged by. Throws UsageError or InputError (allocations
 * file) before any clock is asked; then UsageError or TooLateError.
 */
export const meterInput = async (
  options: MeterOptions,
  world: Pick<World, 'files' | 'now' | 'uuid'>,
): Promise<(clock: AskedClock) => Inputs['MeterUsage']> => {
  if (options.timezone !== undefined && !isTimezone(options.timezone)) {
    throw new UsageError(
      `--timezone: there is no zone ${options.timezone}`,
      'write it as Europe/Berlin or UTC',
    );
  }
  const productCode = flagValue('--product-code', parseProductCode(options.productCode, options));
  const dimension = flagValue('--dimension', parseDimension(options.dimension, options));
  const quantity = flagValue('--quantity', parseQuantity(options.quantity));
  const instantAt = (now: Date): number =>
    flagValue('--timestamp', parseWhen(options.timestamp, { now, timezone: options.timezone }));
  instantAt(world.now());
  const { maxLength } = LIMITS.clientToken;
  const clientToken = options.clientToken ?? world.uuid();
  if (clientToken === '' || clientToken.length > maxLength) {
    throw new UsageError(`--client-token must have 1 to ${maxLength} characters`);
  }
  if (isNullText(clientToken)) throw new UsageError(nullMessage('--client-token', clientToken), NO_VALUE);
  const allocations = await readAllocations(options, quantity, world);
  return clock => ({
    ProductCode: productCode,
    Timestamp: timestampIn(instantAt(clock.startedAt()), options, clock),
    UsageDimension: dimension,
    UsageQuantity: quantity,
    ...(options.dryRun && { DryRun: true }),
    ...(allocations !== undefined && { UsageAllocations: apiAllocations(allocations) }),
    ClientToken: clientToken,
  });
};

/** Epoch seconds of this instant, if AWS accepts usage of then. */
const timestampIn = (at: number, { clientToken }: MeterOptions, { now, note }: AskedClock): number => {
  const nowMs = now().getTime();
  if (at > nowMs + FUTURE_TOLERANCE_MS) throw new UsageError('--timestamp is in the future', note);
  const timestamp = Math.floor(at / 1000);
  if (nowMs >= deadlineOf(timestamp, WINDOWS.MeterUsage)) {
    const because = note === undefined ? '' : `; ${note}`;
    throw new TooLateError(
      `this usage is too old: AWS accepts it for ${WINDOWS.MeterUsage.hours} hours${because}`,
      `${clientToken === undefined ? '' : MAY_BE_REPEATED}add it to the report of a later hour, as the AWS Marketplace seller guide allows`,
    );
  }
  return timestamp;
};

/** The token may be of a call whose answer was lost: then the usage may be billed already. */
const MAY_BE_REPEATED =
  'if this repeats a call without an answer, look in CloudTrail first whether AWS recorded it; if it did not, ';

const readAllocations = async (
  { allocation, allocations: file, allowNullText }: MeterOptions,
  quantity: number,
  world: Pick<World, 'files'>,
): Promise<readonly UsageAllocation[] | undefined> => {
  if (file !== undefined && allocation.length > 0)
    throw new UsageError('give --allocation or --allocations, not both');
  if (file !== undefined) {
    const list = parseAllocations(await readText(file, world), { allowNullText });
    if (!list.ok) throw new InputError(`${file}: ${list.message}`, flagHelp(list));
    const trouble = allocationTrouble(list.value, quantity);
    if (trouble !== undefined) throw new InputError(`${file}: ${trouble}`);
    return list.value;
  }
  if (allocation.length === 0) return undefined;
  const list = inOrder(
    allocation.map(text => flagValue('--allocation', parseAllocationFlag(text, { allowNullText }))),
  );
  const trouble = allocationTrouble(list, quantity);
  if (trouble !== undefined) throw new UsageError(`--allocation: ${trouble}`);
  return list;
};
