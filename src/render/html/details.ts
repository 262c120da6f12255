import { HOUR_SECONDS } from '../../usage/hours.ts';
import type { Status } from '../../usage/outcome.ts';
import { better, type Cells, dimensionKey, stateOf } from './cells.ts';
import { type GapIndex, type HourSpan, spansOf } from './gap-spans.ts';
import { getOrMake } from './get-or-make.ts';
import { stepOf, type Timeline } from './timeline.ts';

/** What the second look at the cells finds: everything along time. */
export type Details = {
  /** By `dimensionKey`, for the dimensions that are drawn: a point for each step. */
  readonly series: ReadonlyMap<string, readonly Point[]>;
  readonly rows: readonly HeatRow[];
  /** The customers that have no row of their own. */
  readonly others: Pick<HeatRow, 'steps'>;
  /** Records that AWS was never asked about, of hours before or after those that are drawn. */
  readonly outside: number;
};

/** `quantity` is what was billed; the rest counts records. */
export type Point = { quantity: number; billed: number; refused: number; open: number };

export type HeatRow = {
  readonly customer: string;
  readonly steps: readonly HeatStep[];
  /** For each dimension, what became of each hour that has a record: the best if there are several. */
  readonly hours: ReadonlyMap<string, ReadonlyMap<number, Status>>;
};

export type HeatStep = {
  billed: number;
  refused: number;
  open: number;
  /** Hours of a dimension that have no record and should have one. */
  missing: number;
  /** 0 to 1: usage against the highest step of the same customer and dimension; the mean of the dimensions. */
  level: number;
};

type Asked = {
  readonly timeline: Timeline | undefined;
  readonly dimensions: readonly string[];
  readonly customers: readonly string[];
  readonly gaps: GapIndex;
};

export const detailsOf = (cells: Cells, { timeline, dimensions, customers, gaps }: Asked): Details => {
  const steps = timeline?.starts.length ?? 0;
  const series = new Map(dimensions.map(key => [key, Array.from({ length: steps }, newPoint)]));
  const drafts = new Map(customers.map(customer => [customer, newDraft(steps)]));
  const rest = newDraft(steps);
  let outside = 0;
  for (const cell of cells()) {
    const { customer, timestamp, status, records, quantity } = cell;
    const step = timeline && stepOf(timeline, timestamp);
    if (step === undefined) {
      outside += records;
      continue;
    }
    const key = dimensionKey(cell);
    const state = stateOf(status);
    const point = series.get(key)?.[step];
    const own = drafts.get(customer);
    const { steps: heat, quantities } = own ?? rest;
    count(heat[step], state, records);
    count(point, state, records);
    if (state === 'billed') {
      if (point !== undefined) point.quantity += quantity;
      const sums = getOrMake(quantities, key, () => new Float64Array(steps));
      sums[step] = (sums[step] ?? 0) + quantity;
    }
    if (own === undefined) continue;
    const hours = getOrMake(own.hours, key, () => new Map<number, Status>());
    const known = hours.get(timestamp);
    if (known === undefined || better(stateOf(known), state) !== stateOf(known)) hours.set(timestamp, status);
  }
  if (timeline !== undefined) {
    for (const customer of gaps.keys())
      addMissing((drafts.get(customer) ?? rest).steps, spansOf(gaps, customer, ['missing']), timeline);
  }
  for (const draft of [...drafts.values(), rest]) setLevels(draft);
  return {
    series,
    rows: [...drafts].map(([customer, { steps, hours }]) => ({ customer, steps, hours })),
    others: { steps: rest.steps },
    outside,
  };
};

type Draft = {
  readonly steps: readonly HeatStep[];
  readonly quantities: Map<string, Float64Array>;
  readonly hours: Map<string, Map<number, Status>>;
};

const newPoint = (): Point => ({ quantity: 0, billed: 0, refused: 0, open: 0 });

const newDraft = (steps: number): Draft => ({
  steps: Array.from({ length: steps }, () => ({ billed: 0, refused: 0, open: 0, missing: 0, level: 0 })),
  quantities: new Map(),
  hours: new Map(),
});

const count = <S extends string>(
  counts: { [state in S]: number } | undefined,
  state: S,
  records: number,
): void => {
  if (counts !== undefined) counts[state] += records;
};

const addMissing = (steps: readonly HeatStep[], spans: readonly HourSpan[], timeline: Timeline): void => {
  for (const { from, to } of spans) {
    for (let hour = from; hour <= to; ) {
      const step = stepOf(timeline, hour);
      const heat = step === undefined ? undefined : steps[step];
      if (step === undefined || heat === undefined) break;
      const end = Math.min(timeline.starts[step + 1] ?? timeline.end, to + HOUR_SECONDS);
      heat.missing += (end - hour) / HOUR_SECONDS;
      hour = end;
    }
  }
};

const setLevels = ({ steps, quantities }: Draft): void => {
  for (const sums of quantities.values()) {
    const highest = sums.reduce((most, sum) => Math.max(most, sum), 0);
    if (highest === 0) continue;
    for (const [step, heat] of steps.entries()) heat.level += (sums[step] ?? 0) / highest / quantities.size;
  }
};
