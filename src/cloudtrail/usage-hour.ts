import type { IdentityMode, UsageRecord } from '../usage/record.ts';
import type { Held, Identity, Sighting } from './finding.ts';

/** All that is known of one customer, dimension and hour, by whatever product code or license, in all Regions. */
export type Slot = { readonly held: readonly Held[]; readonly sightings: readonly Sighting[] };

/** All that is known of one key of AWS's in one Region. Sightings in the order of their calls. */
export type Group = {
  readonly mode: IdentityMode;
  /** The license, or the product code where there is none. */
  readonly offering: string;
  readonly region: string;
  readonly identity: Identity;
  readonly held: Held | undefined;
  readonly sightings: readonly Sighting[];
};

export const modeOf = ({ licenseArn, customerAWSAccountId }: Identity): IdentityMode => {
  if (licenseArn !== undefined) return 'licence';
  return customerAWSAccountId === undefined ? 'customer' : 'account';
};

export const customerOf = ({ customerAWSAccountId, customerIdentifier }: Identity): string =>
  customerAWSAccountId ?? customerIdentifier ?? '';

export const offeringOf = ({ licenseArn, productCode }: Identity): string => licenseArn ?? productCode ?? '';

/** The keys of a slot, in a fixed order. */
export const groupsOf = ({ held, sightings }: Slot): Group[] => {
  type Open = { identity: Identity; region: string; held: Held | undefined; sightings: Sighting[] };
  const groups = new Map<string, Open>();
  const at = (identity: Identity, region: string): Open => {
    const name = [modeOf(identity), offeringOf(identity), region].join(SEPARATOR);
    const group = groups.get(name) ?? { identity, region, held: undefined, sightings: [] };
    groups.set(name, group);
    return group;
  };
  for (const one of held) at(one.record, one.region).held = one;
  for (const one of sightings) at(one.identity, one.region).sightings.push(one);
  return [...groups.values()].map(group => ({
    ...group,
    mode: modeOf(group.identity),
    offering: offeringOf(group.identity),
    identity: identityOf(group.identity),
    sightings: group.sightings.sort((a, b) => a.at - b.at),
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
export function* slotsOf(ledgers: readonly Iterable<Held>[], sightings: Iterable<Sighting>): Generator<Slot> {
  const heads = ledgers.map(ledger => headOf(ledger, ({ record }) => record));
  const seen = headOf(sightings, ({ identity }) => identity);
  try {
    for (;;) {
      const places = [...heads, seen].flatMap(({ place }) => place() ?? []);
      const first = places.reduce<Identity | undefined>(
        (least, place) => (least === undefined || compare(place, least) < 0 ? place : least),
        undefined,
      );
      if (first === undefined) return;
      yield { held: heads.flatMap(head => head.take(first)), sightings: seen.take(first) };
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
