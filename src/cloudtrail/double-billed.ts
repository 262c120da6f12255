import type { Finding } from './finding.ts';
import type { KeyHistory } from './usage-hour.ts';

/** What is billed more than once, and the keys it is billed by. */
export type DoubleBilled = { readonly finding: Finding; readonly groups: readonly KeyHistory[] };

/**
 * What AWS bills twice in a slot, because it does not compare the two: one usage by a license and by a product code
 * (BatchMeterUsageRequest.ProductCode in the service model), and one key through two Regions (AWS's metering skill). Two
 * licenses of one buyer are two agreements, and two product codes two products: those are billed as they are.
 */
export const doubleBilled = (groups: readonly KeyHistory[]): DoubleBilled[] => {
  const billed = groups.filter(isBilled);
  const keys = Map.groupBy(billed, ({ mode, offering }) => `${mode} ${offering}`);
  const inRegions = [...keys.values()].flatMap(same =>
    same.length === 1
      ? []
      : told(
          same,
          `billed in ${same
            .map(({ region }) => region)
            .sort()
            .join(' and ')}`,
        ),
  );
  const ways = billed.filter(one => billed.some(other => isOneUsage(one, other)));
  return [...inRegions, ...told(ways, 'billed with a license and with a product code')];
};

/** A license of which the ledger knows that it is another product's is billed besides the product code, as it is sent. */
const isOneUsage = (a: KeyHistory, b: KeyHistory): boolean => {
  if (a.mode === 'account') return b.mode === 'license' && isOneUsage(b, a);
  const product = a.entry?.record.productCode;
  return a.mode === 'license' && b.mode === 'account' && (product === undefined || product === b.offering);
};

/** None where nothing was looked at: nobody asked about those Regions. */
const told = (groups: readonly KeyHistory[], note: string): DoubleBilled[] => {
  const first = groups.find(({ entry }) => entry !== undefined) ?? groups[0];
  if (first === undefined || !groups.some(isLookedAt)) return [];
  const events = groups.flatMap(group =>
    group.events.filter(({ status }) => status === 'Success').slice(0, 1),
  );
  const { identity, region, entry } = first;
  const finding: Finding = {
    kind: 'billed-twice',
    identity,
    region,
    entry,
    events,
    note,
    settleAs: undefined,
  };
  return [{ finding, groups }];
};

/** AWS has said Success, to whoever asked or to the ledger. */
const isBilled = ({ entry, events }: KeyHistory): boolean =>
  events.some(({ status }) => status === 'Success') ||
  entry?.outcome.status === 'accepted' ||
  entry?.outcome.status === 'already-recorded';

const isLookedAt = ({ entry, events }: KeyHistory): boolean =>
  events.length > 0 || entry?.isCompared === true;
