import type { Status } from '../../usage/outcome.ts';
import { extend, type GapIndex, hoursIn } from './gap-spans.ts';
import type { HourSpan } from './timeline.ts';
import { getOrMake, stateOf } from './totals.ts';

/** The hours of a customer that have a record. */
export type CustomerHours = {
  readonly customer: string;
  /** By `dimensionKey`, then by hour; the best outcome where an hour has several. */
  readonly hours: ReadonlyMap<string, ReadonlyMap<number, Status>>;
};

/** Hours of one customer and dimension that should be checked. */
export type AttentionItem = {
  readonly customer: string;
  /** By `dimensionKey`. */
  readonly dimension: string;
  /** `missing`: no record at all. */
  readonly what: 'missing' | Status;
  readonly hours: number;
  readonly spans: readonly HourSpan[];
};

/** The hours of a customer without a record, and those whose record is not billed. */
export const attentionItems = ({ customer, hours }: CustomerHours, gaps: GapIndex): AttentionItem[] => {
  const missing = gaps.get(customer) ?? new Map();
  return [...new Set([...missing.keys(), ...hours.keys()])].flatMap(dimension => {
    const found = new Map<AttentionItem['what'], HourSpan[]>([
      ['missing', missing.get(dimension)?.missing ?? []],
    ]);
    for (const [hour, status] of hours.get(dimension) ?? []) {
      if (stateOf(status) !== 'billed')
        extend(
          getOrMake(found, status, () => []),
          hour,
        );
    }
    return [...found]
      .filter(([, spans]) => spans.length > 0)
      .map(([what, spans]) => ({ customer, dimension, what, hours: hoursIn(spans), spans }));
  });
};
