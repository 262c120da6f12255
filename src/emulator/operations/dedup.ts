import { type ApiAllocation, tagSetOf } from '../../usage/allocations.ts';
import { startOfHour } from '../../usage/hours.ts';
import type { WireRecord } from '../../usage/wire.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import { allocationOf } from '../rules/allocation-checks.ts';
import type { Usage } from './request-facts.ts';

/**
 * What a record of BatchMeterUsage is recognised by: Region, identity, dimension and UTC hour. Source: Seller Guide,
 * metering-for-usage. As JSON, since a dimension may contain any character.
 */
export const keyOf = (
  region: string,
  productCode: string | undefined,
  usage: Usage,
  behaviours: Behaviours,
): string =>
  JSON.stringify([
    behaviours['dedup-region'] === 'each' ? region : null,
    productCode || null,
    usage.customerIdentifier ?? null,
    usage.customerAWSAccountId ?? null,
    usage.licenseArn ?? null,
    usage.dimension,
    behaviours['dedup-time'] === 'hour' ? startOfHour(usage.at) : usage.at / 1000,
  ]);

/** What keys are made by: records that are kept under others are not found again. */
const KEY_BEHAVIOURS = ['dedup-region', 'dedup-time', 'meter-usage'] as const;

/** The readings of those that are in force, as `--behaviour` takes them. */
export const keyReadings = (behaviours: Behaviours): readonly string[] =>
  KEY_BEHAVIOURS.map(name => `${name}=${behaviours[name]}`);

/** How much usage, and of what. */
export type Amount = Pick<Usage, 'quantity' | 'allocations'>;

/** No quantity is 0 in the service model. */
export const amountOf = ({ Quantity = 0, UsageAllocations }: WireRecord): Amount => ({
  quantity: Quantity,
  allocations: UsageAllocations,
});

/** Whether two records of one key bill the same. */
export const billSame = (a: Amount, b: Amount, behaviours: Behaviours): boolean =>
  a.quantity === b.quantity &&
  (behaviours['dedup-allocations'] === 'ignored' ||
    allocationsText(a.allocations) === allocationsText(b.allocations));

/** One spelling for allocations: neither their order nor that of their tags matters to AWS. */
export const allocationsText = (allocations: readonly ApiAllocation[] | undefined): string =>
  (allocations ?? [])
    .map(allocationOf)
    .map(({ allocatedUsageQuantity, tags }) => `${allocatedUsageQuantity}\u001d${tagSetOf(tags)}`)
    .sort()
    .join('\u001c');
