import type { RecordPoint } from '../../ledger/queries/points.ts';
import { type EpochSeconds, HOUR_SECONDS } from '../../usage/hours.ts';
import type { HourSpan } from './timeline.ts';
import { dimensionKey, getOrMake } from './totals.ts';

/** An hour of a customer and dimension without a billed record; `tried`: it has one that is not billed. */
export type GapHour = Pick<RecordPoint, 'timestamp' | 'customer' | 'product' | 'dimension'> & {
  readonly tried: boolean;
};

/** `first`: the first hour with a record that is drawn. Undefined: there is no range in which to find gaps. */
export type Gaps = (first: EpochSeconds | undefined) => FoundGaps | undefined;

type FoundGaps = {
  /** Gaps were counted from this hour on: the whole range was too long. Undefined: all of it. */
  readonly since: EpochSeconds | undefined;
  /** Oldest first. */
  readonly hours: Iterable<GapHour>;
};

/** Of one customer and dimension, oldest first. */
type GapSpans = { readonly missing: HourSpan[]; readonly tried: HourSpan[] };

/** By customer, then by `dimensionKey`. */
export type GapIndex = ReadonlyMap<string, ReadonlyMap<string, GapSpans>>;

export const gapIndexOf = (hours: Iterable<GapHour>): GapIndex => {
  const index = new Map<string, Map<string, GapSpans>>();
  for (const hour of hours) {
    const dimensions = getOrMake(index, hour.customer, () => new Map<string, GapSpans>());
    const spans = getOrMake(dimensions, dimensionKey(hour), () => ({ missing: [], tried: [] }));
    extend(hour.tried ? spans.tried : spans.missing, hour.timestamp);
  }
  return index;
};

/** Adds an hour. It must not be before those that are already in the list. */
export const extend = (spans: HourSpan[], hour: EpochSeconds): void => {
  const last = spans.at(-1);
  if (last?.to === hour - HOUR_SECONDS) spans[spans.length - 1] = { from: last.from, to: hour };
  else spans.push({ from: hour, to: hour });
};

export const hoursIn = (spans: readonly HourSpan[]): number =>
  spans.reduce((sum, { from, to }) => sum + (to - from) / HOUR_SECONDS + 1, 0);

/** All spans of a customer, or those of one kind. */
export const spansOf = (
  index: GapIndex,
  customer: string,
  kinds: readonly (keyof GapSpans)[] = ['missing', 'tried'],
): HourSpan[] =>
  [...(index.get(customer)?.values() ?? [])].flatMap(spans => kinds.flatMap(kind => spans[kind]));

/** From the first to the last hour that is a gap or in the span; undefined when there is neither. */
export const widenedBy = (index: GapIndex, span: HourSpan | undefined): HourSpan | undefined => {
  let { from, to } = span ?? { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  for (const customer of index.keys()) {
    for (const gap of spansOf(index, customer)) {
      from = Math.min(from, gap.from);
      to = Math.max(to, gap.to);
    }
  }
  return from <= to ? { from, to } : undefined;
};
