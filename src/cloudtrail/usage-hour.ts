import { customerOf, joinKey, type Keyed, keyOf } from '../usage/key.ts';
import type { IdentityMode } from '../usage/record.ts';
import type { EventEntry, LedgerEntry } from './finding.ts';

/** Everything known about one customer, dimension and hour, with any product code or license, in all Regions. */
export type UsageHour = { readonly entries: readonly LedgerEntry[]; readonly events: readonly EventEntry[] };

/** Everything known about one key in one Region. The events are in the order of their calls. */
export type KeyHistory = {
  readonly mode: IdentityMode;
  /** The license, or the product code where there is none. */
  readonly offering: string;
  readonly region: string;
  readonly identity: Keyed;
  readonly entry: LedgerEntry | undefined;
  readonly events: readonly EventEntry[];
};

/** The keys of an hour, in a fixed order. */
export const keyHistories = ({ entries, events }: UsageHour): KeyHistory[] => {
  const only = onlyHistory(entries, events);
  if (only !== undefined) return [only];
  type Open = { -readonly [Member in keyof KeyHistory]: KeyHistory[Member] } & { events: EventEntry[] };
  const histories = new Map<string, Open>();
  const at = (identity: Keyed, region: string): Open => {
    const { mode, offering } = keyOf(identity);
    const name = joinKey(mode, offering, region);
    const open = histories.get(name) ?? { mode, offering, identity, region, entry: undefined, events: [] };
    histories.set(name, open);
    return open;
  };
  for (const one of entries) at(one.record, one.region).entry = one;
  for (const one of events) at(one.identity, one.region).events.push(one);
  for (const { events: all } of histories.values()) all.sort((a, b) => a.at - b.at);
  return [...histories.values()];
};

/** The same where there is one record and one event for it, as nearly always. */
const onlyHistory = (
  [entry, ...entries]: readonly LedgerEntry[],
  events: readonly EventEntry[],
): KeyHistory | undefined => {
  const [event, ...others] = events;
  if (entry === undefined || event === undefined || entries.length + others.length > 0) return undefined;
  const { mode, offering } = keyOf(entry.record);
  const shown = keyOf(event.identity);
  if (mode !== shown.mode || offering !== shown.offering || entry.region !== event.region) return undefined;
  return { mode, offering, region: entry.region, identity: entry.record, entry, events };
};

/**
 * Merges streams in order of hour, customer and dimension: one of the ledger for each Region, and one of CloudTrail. Only
 * one usage hour is in memory at a time.
 */
export function* usageHours(
  ledgers: readonly Iterable<LedgerEntry>[],
  events: Iterable<EventEntry>,
): Generator<UsageHour> {
  const heads = ledgers.map(ledger => headOf(ledger, ({ record }) => record));
  const shown = headOf(events, ({ identity }) => identity);
  try {
    for (;;) {
      let first = shown.place();
      for (const head of heads) {
        const place = head.place();
        if (place !== undefined && (first === undefined || compare(place, first) < 0)) first = place;
      }
      if (first === undefined) return;
      const at = first;
      const [only, ...others] = heads;
      const entries = only?.take(at) ?? [];
      for (const head of others) entries.push(...head.take(at));
      yield { entries, events: inOrder(shown.take(at)) };
    }
  } finally {
    for (const head of [...heads, shown]) head.close();
  }
}

/** In the order of the ledger, and those of one key in the order in which they were added. */
const inOrder = (events: EventEntry[]): EventEntry[] =>
  events.length < 2
    ? events
    : events
        .map(event => ({ event, ...keyOf(event.identity) }))
        .sort(
          (a, b) =>
            byBytes(a.mode, b.mode) ||
            byBytes(a.offering, b.offering) ||
            byBytes(a.event.region, b.event.region),
        )
        .map(({ event }) => event);

type Head<T> = {
  readonly place: () => Keyed | undefined;
  /** All items at this place. */
  readonly take: (place: Keyed) => T[];
  readonly close: () => void;
};

const headOf = <T>(items: Iterable<T>, identityIn: (item: T) => Keyed): Head<T> => {
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

const compare = (a: Keyed, b: Keyed): number =>
  a.timestamp - b.timestamp || byBytes(customerOf(a), customerOf(b)) || byBytes(a.dimension, b.dimension);

/** In SQLite's order, which is that of UTF-8. It differs from JavaScript's if a text has surrogates. */
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

/** Surrogates write the characters after all others. */
const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;
