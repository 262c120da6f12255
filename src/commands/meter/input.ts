import type { AskedClock } from '../../cli/connection/service-clock.ts';
import { flagHelp, flagValue, NO_VALUE } from '../../cli/options/values.ts';
import { readText } from '../../cli/read-file.ts';
import { InputError, TooLateError, UsageError } from '../../errors.ts';
import {
  allocationTrouble,
  apiAllocations,
  inOrder,
  parseAllocations,
  parseTag,
} from '../../usage/allocations.ts';
import { parseDimension, parseProductCode } from '../../usage/fields.ts';
import type { EpochMs, EpochSeconds } from '../../usage/hours.ts';
import { LIMITS } from '../../usage/limits.ts';
import { isNullText, type NullTextOptions, nullMessage } from '../../usage/null-text.ts';
import { invalid, type Parsed, valid } from '../../usage/parsed.ts';
import { parseQuantity } from '../../usage/quantity.ts';
import type { Tag, UsageAllocation } from '../../usage/record.ts';
import { isTimezone, parseWhen } from '../../usage/timestamp.ts';
import { deadlineOf, FUTURE_TOLERANCE_MS, WINDOWS } from '../../usage/windows.ts';
import type { Inputs } from '../../usage/wire.ts';
import type { World } from '../../world.ts';
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
  const quantity = flagValue('--quantity', parseQuantity(options.quantity));
  const instantAt = (now: Date): EpochMs =>
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

const readAllocations = async (
  { allocation, allocations: file, allowNullText }: MeterOptions,
  quantity: number,
  world: Pick<World, 'files'>,
): Promise<readonly UsageAllocation[] | undefined> => {
  if (file !== undefined && allocation.length > 0)
    throw new UsageError('use --allocation or --allocations, not both');
  if (file !== undefined) {
    const list = parseAllocations(await readText(file, world), { allowNullText });
    if (!list.ok) throw new InputError(`${file}: ${list.message}`, flagHelp(list));
    const problem = allocationTrouble(list.value, quantity);
    if (problem !== undefined) throw new InputError(`${file}: ${problem}`);
    return list.value;
  }
  if (allocation.length === 0) return undefined;
  const list = inOrder(
    allocation.map(text => flagValue('--allocation', parseAllocationFlag(text, { allowNullText }))),
  );
  const problem = allocationTrouble(list, quantity);
  if (problem !== undefined) throw new UsageError(`--allocation: ${problem}`);
  return list;
};

/** `Dept=Sales,Env=prod:12`: tags, then the quantity after the last colon. `:12` is usage without tags. */
export const parseAllocationFlag = (text: string, options: NullTextOptions = {}): Parsed<UsageAllocation> => {
  const colon = text.lastIndexOf(':');
  if (colon === -1)
    return invalid(`no quantity in ${JSON.stringify(text)}`, "write it as 'Dept=Sales,Env=prod:12'");
  const quantity = parseQuantity(text.slice(colon + 1));
  if (!quantity.ok) return quantity;
  const list = text.slice(0, colon);
  const tags: Tag[] = [];
  for (const pair of list === '' ? [] : list.split(',')) {
    const equals = pair.indexOf('=');
    if (equals === -1) return invalid(`${JSON.stringify(pair)} is not a tag`, 'a tag is Key=Value');
    const tag = parseTag(pair.slice(0, equals), pair.slice(equals + 1), options);
    if (!tag.ok) return tag;
    tags.push(tag.value);
  }
  return valid({ allocatedUsageQuantity: quantity.value, tags: tags.length === 0 ? undefined : tags });
};
