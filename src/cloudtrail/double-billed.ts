import { joinKey, sameUsage } from '../usage/key.ts';
import type { Finding } from './finding.ts';
import type { KeyHistory } from './usage-hour.ts';

/** Usage that is billed more than once, and the keys it is billed with. */
type DoubleBilled = { readonly finding: Finding; readonly histories: readonly KeyHistory[] };

/**
 * What AWS bills twice in an hour because it does not compare the two: the same usage with a license and with a product
 * code (see `sameUsage`), and the same key in two Regions (AWS's metering skill).
 */
export const doubleBilled = (histories: readonly KeyHistory[]): DoubleBilled[] => {
  const billed = histories.filter(isBilled);
  const keys = Map.groupBy(billed, ({ mode, offering }) => joinKey(mode, offering));
  const inRegions = [...keys.values()].flatMap(same =>
    same.length === 1 ? [] : finding(same, regionsNote(same)),
  );
  const inModes = billed.filter(one =>
    billed.some(other => one.mode !== other.mode && sameUsage(one.identity, other.identity)),
  );
  return [...inRegions, ...finding(inModes, 'billed with a license and with a product code')];
};

const regionsNote = (histories: readonly KeyHistory[]): string =>
  `billed in ${histories
    .map(({ region }) => region)
    .sort()
    .join(' and ')}`;

/** None if CloudTrail was not read for any of these Regions. */
const finding = (histories: readonly KeyHistory[], note: string): DoubleBilled[] => {
  const first = histories.find(({ entry }) => entry !== undefined) ?? histories[0];
  if (first === undefined || !histories.some(isExamined)) return [];
  const { identity, region, entry } = first;
  const events = histories.flatMap(history =>
    history.events.filter(({ status }) => status === 'Success').slice(0, 1),
  );
  return [
    {
      finding: { kind: 'billed-twice', identity, region, entry, events, note, settleAs: undefined },
      histories,
    },
  ];
};

/** AWS replied Success, to this ledger or to any other sender. */
const isBilled = ({ entry, events }: KeyHistory): boolean =>
  events.some(({ status }) => status === 'Success') ||
  entry?.outcome.status === 'accepted' ||
  entry?.outcome.status === 'already-recorded';

const isExamined = ({ entry, events }: KeyHistory): boolean =>
  events.length > 0 || entry?.isCompared === true;
