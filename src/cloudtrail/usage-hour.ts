import type { IdentityMode, UsageRecord } from '../usage/record.ts';
import type { EventEntry, Identity, LedgerEntry } from './finding.ts';

/** All that is known of one customer, dimension and hour, by whatever product code or license, in all Regions. */
export type UsageHour = { readonly entries: readonly LedgerEntry[]; readonly events: readonly EventEntry[] };

/** All that is known of one key of AWS's in one Region. Events in the order of their calls. */
export type KeyHistory = {
  readonly mode: IdentityMode;
  /** The license, or the product code where there is none. */
  readonly offering: string;
  readonly region: string;
  readonly identity: Identity;
  readonly entry: LedgerEntry | undefined;
  readonly events: readonly EventEntry[];
};

export const modeOf = ({ licenseArn, customerAWSAccountId }: Identity): IdentityMode => {
  if (licenseArn !== undefined) return 'license';
  return customerAWSAccountId === undefined ? 'customer' : 'account';
};

export const customerOf = ({ customerAWSAccountId, customerIdentifier }: Identity): string =>
  customerAWSAccountId ?? customerIdentifier ?? '';

export const offeringOf = ({ licenseArn, productCode }: Identity): string => licenseArn ?? productCode ?? '';

/** The keys of an hour, in a fixed order. */
export const keyHistories = ({ entries, events }: UsageHour): KeyHistory[] => {
  type Open = { identity: Identity; region: string; entry: LedgerEntry | undefined; events: EventEntry[] };
  const groups = new Map<string, Open>();
  const at = (identity: Identity, region: string): Open => {
    const name = [modeOf(identity), offeringOf(identity), region].join(SEPARATOR);
    const group = groups.get(name) ?? { identity, region, entry: undefined, events: [] };
    groups.set(name, group);
    return group;
  };
  for (const one of entries) at(one.record, one.region).entry = one;
  for (const one of events) at(one.identity, one.region).events.push(one);
  return [...groups.values()].map(group => ({
    ...group,
    mode: modeOf(group.identity),
    offering: offeringOf(group.identity),
    identity: identityOf(group.identity),
    events: group.events.sort((a, b) => a.at - b.at),
  }));
};

const SEPARATOR = '\u001f';

const identityOf = (known: Identity | UsageRecord): Identity => ({
  timestamp: known.timestamp,
  dimension: known.dimension,
  customerAWSAccountId: known.customerAWSAccountId,
  licenseArn: known.licenseArn,
  customerIdentifier: known.customerIdentifier,
  productCode: known.productCode,
});

/**
 * Brings streams together that are in order of hour, customer and dimension: the ledger's, one for each Region, and that
 * of CloudTrail. No more is in memory than one slot.
 */
export function* slotsOf(
  ledgers: readonly Iterable<LedgerEntry>[],
  events: Iterable<EventEntry>,
): Generator<UsageHour> {
  const heads = ledgers.map(ledger => headOf(ledger, ({ record }) => record));
  const seen = headOf(events, ({ identity }) => identity);
  try {
    for (;;) {
      const places = [...heads, seen].flatMap(({ place }) => place() ?? []);
      const first = places.reduce<Identity | undefined>(
        (least, place) => (least === undefined || compare(place, least) < 0 ? place : least),
        undefined,
      );
      if (first === undefined) return;
      yield { entries: heads.flatMap(head => head.take(first)), events: seen.take(first) };
    }
  } finally {
    for (const head of [...heads, seen]) head.close();
  }
}

type Head<T> = {
  readonly place: () => Identity | undefined;
  /** All that stand at this place. */
  readonly take: (place: Identity) => T[];
  readonly close: () => void;
};

const headOf = <T>(items: Iterable<T>, identityIn: (item: T) => Identity): Head<T> => {
  const iterator = items[Symbol.iterator]();
  let next = iterator.next();
  return {
    place: () => (next.done ? undefined : identityIn(next.value)),
    take: place => {
      const taken: T[] = [];
      while (!next.done && compare(identityIn(next.value), place) === 0) {
        taken.push(next.value);
        next = iterator.next();
      }
      return taken;
    },
    close: () => {
      iterator.return?.();
    },
  };
};

const compare = (a: Identity, b: Identity): number =>
  a.timestamp - b.timestamp || byBytes(customerOf(a), customerOf(b)) || byBytes(a.dimension, b.dimension);

/** In the order of SQLite: that of UTF-8, which differs from JavaScript's where a text has surrogates. */
export const byBytes = (a: string, b: string): number => {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one === other) continue;
    return isSurrogate(one) === isSurrogate(other) ? one - other : isSurrogate(one) ? 1 : -1;
  }
  return a.length - b.length;
};

/** Stands for a character beyond all that are written without one. */
const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;
