import { type ApiAllocation, tagSetOf } from '../../usage/allocations.ts';
import { startOfHour } from '../../usage/hours.ts';
import type { WireRecord } from '../../usage/wire.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import { allocationOf } from '../rules/allocation-checks.ts';
import type { RequestedUsage } from './request-facts.ts';

/**
 * The key of a record of BatchMeterUsage: Region, identity, dimension and UTC hour. Source: Seller Guide,
 * metering-for-usage. Deliberately not the client's `usage/key.ts`: the emulator is an independent witness against it.
 */
export const recordKey = (
  region: string,
  productCode: string | undefined,
  usage: RequestedUsage,
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

/** The behaviors that determine keys: stored records cannot be found with other keys. */
const KEY_BEHAVIOURS = ['dedup-region', 'dedup-time', 'meter-usage'] as const;

/** Their current readings, as in `--behaviour`. */
export const keyReadings = (behaviours: Behaviours): readonly string[] =>
  KEY_BEHAVIOURS.map(name => `${name}=${behaviours[name]}`);

/** The quantity and its allocations. */
type Amount = Pick<RequestedUsage, 'quantity' | 'allocations'>;

/** In the service model, a missing quantity is 0. */
export const amountOf = ({ Quantity = 0, UsageAllocations }: WireRecord): Amount => ({
  quantity: Quantity,
  allocations: UsageAllocations,
});

/** Whether two records with one key bill the same amount. */
export const billSame = (a: Amount, b: Amount, behaviours: Behaviours): boolean =>
  a.quantity === b.quantity &&
  (behaviours['dedup-allocations'] === 'ignored' ||
    allocationsText(a.allocations) === allocationsText(b.allocations));

/** A canonical text of allocations: to AWS, neither their order nor the order of their tags matters. */
export const allocationsText = (allocations: readonly ApiAllocation[] | undefined): string =>
  (allocations ?? [])
    .map(allocationOf)
    .map(({ allocatedUsageQuantity, tags }) => `${allocatedUsageQuantity}\u001d${tagSetOf(tags)}`)
    .sort()
    .join('\u001c');
