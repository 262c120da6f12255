import type { RecordPoint } from '../../ledger/queries/points.ts';
import { HOUR_SECONDS } from '../../usage/hours.ts';
import { dimensionKey } from './cells.ts';
import { getOrMake } from './get-or-make.ts';

/** An hour of a customer and dimension that lacks a billed record; `tried`: it has one that is not billed. */
export type GapHour = Pick<RecordPoint, 'timestamp' | 'customer' | 'product' | 'dimension'> & {
  readonly tried: boolean;
};

/** `first`: the first hour with a record that is drawn. Undefined: there is no range to look for gaps in. */
export type Gaps = (first: number | undefined) => FoundGaps | undefined;

type FoundGaps = {
  /** Only gaps from this hour on were looked for: more would have been too many. Undefined: all. */
  readonly since: number | undefined;
  /** Oldest first. */
  readonly hours: Iterable<GapHour>;
};

/** Hours in a row; `to` is the last of them. Epoch seconds. */
export type HourSpan = { readonly from: number; readonly to: number };

/** Of one customer and dimension, oldest first. */
export type GapSpans = { readonly missing: HourSpan[]; readonly tried: HourSpan[] };

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

/** Takes in an hour that is not before those that are there. */
export const extend = (spans: HourSpan[], hour: number): void => {
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

/** From the first to the last hour that is a gap or lies in the span; undefined when there is neither. */
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
