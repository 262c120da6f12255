import type { Status } from '../../usage/outcome.ts';
import { stateOf } from './cells.ts';
import type { HeatRow } from './details.ts';
import { extend, type GapIndex, type HourSpan, hoursIn } from './gap-spans.ts';
import { getOrMake } from './get-or-make.ts';

/** Hours of one customer and dimension that somebody should look at. */
export type AttentionItem = {
  readonly customer: string;
  /** By `dimensionKey`. */
  readonly dimension: string;
  /** `missing`: no record at all. */
  readonly what: 'missing' | Status;
  readonly hours: number;
  readonly spans: readonly HourSpan[];
};

/** What is amiss with a customer: hours without a record, and those whose record is not billed. */
export const attentionItems = ({ customer, hours }: HeatRow, gaps: GapIndex): AttentionItem[] => {
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
