import type { Operation } from '../../../src/usage/wire.ts';
import { NOW } from '../setup.ts';

/**
 * Whether the service may carry an input out at NOW: the rules once more, written without a look at the emulator's own
 * tables. Source: service model (forms) and API reference (rules). Where there is no catalog, all other names exist.
 */
export const isRightInput = (operation: Operation, input: unknown): boolean =>
  isObject(input) && RIGHT[operation](input);

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

const isText = (value: unknown, least: number, most: number): value is string =>
  typeof value === 'string' && value.length >= least && [...value].length <= most;

const isCount = (value: unknown, least = 0): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value < 2 ** 31;

const isProduct = (value: unknown, ...bad: readonly string[]): boolean =>
  isText(value, 1, 255) &&
  /^[-a-zA-Z0-9/=:_.@]+$/.test(value) &&
  !['unknown_product', 'throttled', 'internal_error', ...bad].includes(value);

const isRecent = (value: unknown, hours: number): boolean => {
  if (typeof value !== 'number') return false;
  const ageMs = NOW.getTime() - Math.round(value * 1000);
  return ageMs >= 0 && ageMs < hours * 3_600_000;
};

const isDimension = (value: unknown): boolean => isText(value, 1, 255) && value !== 'unknown_dimension';

const isTagText = (value: unknown, most: number): boolean =>
  isText(value, 1, most) && /^[ -=A-Z_a-z@]+$/.test(value);

const areAllocations = (value: unknown, quantity: number): boolean => {
  if (isAbsent(value)) return true;
  if (!Array.isArray(value) || value.length === 0 || value.length > 2500) return false;
  const sets = new Set<string>();
  const keys = new Set<unknown>();
  let sum = 0;
  for (const allocation of value) {
    if (!isObject(allocation) || !isCount(allocation.AllocatedUsageQuantity)) return false;
    sum += allocation.AllocatedUsageQuantity;
    const tags = isAbsent(allocation.Tags) ? [] : allocation.Tags;
    if (!Array.isArray(tags) || (tags.length === 0 && !isAbsent(allocation.Tags)) || tags.length > 5)
      return false;
    for (const tag of tags) {
      if (!isObject(tag) || !isTagText(tag.Key, 100) || !isTagText(tag.Value, 256)) return false;
      keys.add(tag.Key);
    }
    if (new Set(tags.map(({ Key }) => Key)).size < tags.length) return false;
    sets.add(JSON.stringify(tags.map(({ Key, Value }) => [Key, Value]).sort()));
  }
  return sum === quantity && sets.size === value.length && keys.size <= 5;
};

const isUsage = (quantity: unknown, allocations: unknown): boolean =>
  (isAbsent(quantity) || isCount(quantity)) && areAllocations(allocations, (quantity as number | null) ?? 0);

const LICENSE =
  /^arn:aws[a-zA-Z-]*:[A-Za-z0-9][A-Za-z0-9_/.-]{0,62}:[A-Za-z0-9_/.-]{0,63}:[A-Za-z0-9_/.-]{0,63}:[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]{0,1023}$/;

/** Who pays; undefined: nobody, or it cannot be said. */
const payerOf = (record: Members): 'customer' | 'account' | 'license' | undefined => {
  const { CustomerIdentifier: customer, CustomerAWSAccountId: account, LicenseArn: license } = record;
  if (!isAbsent(customer) && customer !== '') {
    const isCustomer = isText(customer, 1, 255) && customer !== 'unknown_customer';
    return isCustomer && isAbsent(account) && isAbsent(license) ? 'customer' : undefined;
  }
  if (!isText(account, 1, 255) || !/^[0-9]+$/.test(account)) return undefined;
  if (isAbsent(license)) return 'account';
  const isLicense = typeof license === 'string' && LICENSE.test(license) && !license.endsWith(':l-invalid');
  return isLicense ? 'license' : undefined;
};

const isRecord = (record: unknown): record is Members =>
  isObject(record) &&
  isRecent(record.Timestamp, 24) &&
  isDimension(record.Dimension) &&
  isUsage(record.Quantity, record.UsageAllocations) &&
  payerOf(record) !== undefined;

const RIGHT: { readonly [O in Operation]: (input: Members) => boolean } = {
  BatchMeterUsage: ({ ProductCode: product, UsageRecords: records }) => {
    if (!Array.isArray(records) || records.length > 25 || !records.every(isRecord)) return false;
    const payers = new Set(records.map(payerOf));
    const others = records.filter(({ LicenseArn }) => String(LicenseArn).endsWith(':l-other-product'));
    if (payers.has('customer') && payers.size > 1) return false;
    if (others.length > 0 && others.length < records.length) return false;
    return isAbsent(product) || product === ''
      ? payers.size === 0 || (payers.size === 1 && payers.has('license'))
      : isProduct(product, 'disabled_api') && !payers.has('license');
  },
  MeterUsage: input =>
    isProduct(input.ProductCode, 'not_entitled', 'wrong_region') &&
    isRecent(input.Timestamp, 6) &&
    isDimension(input.UsageDimension) &&
    isUsage(input.UsageQuantity, input.UsageAllocations) &&
    (isAbsent(input.DryRun) || typeof input.DryRun === 'boolean') &&
    (isAbsent(input.ClientToken) || isText(input.ClientToken, 1, 64)),
  RegisterUsage: input =>
    isProduct(input.ProductCode, 'disabled_api', 'not_entitled', 'wrong_region', 'unsupported_platform') &&
    isCount(input.PublicKeyVersion, 1) &&
    input.PublicKeyVersion !== 999 &&
    (isAbsent(input.Nonce) || isText(input.Nonce, 0, 255)),
  ResolveCustomer: ({ RegistrationToken: token }) =>
    ['test_token', 'test_token_legacy', 'test_token_new'].includes(token as string),
};
