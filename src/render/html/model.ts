import type { RecordPoint } from '../../ledger/queries/points.ts';
import { type EpochSeconds, HOUR_SECONDS } from '../../usage/hours.ts';
import { compareText } from '../../usage/key.ts';
import type { Status } from '../../usage/outcome.ts';
import { type AttentionItem, attentionItems, type CustomerHours } from './attention.ts';
import { type GapIndex, type Gaps, gapIndexOf, hoursIn, spansOf, widenedBy } from './gap-spans.ts';
import { type HourSpan, stepOf, type Timeline, timelineOf, type Unit } from './timeline.ts';
import {
  type BillingState,
  betterState,
  type CustomerTotals,
  type DimensionTotals,
  dimensionKey,
  getOrMake,
  type Points,
  stateOf,
  type Totals,
  totalsOf,
} from './totals.ts';

/** How many of each kind are drawn. The others are combined, and the page says so. */
export const MAX_DRAWN = { dimensions: 8, customers: 24, ranked: 10 } as const;

/** Everything that the page shows, without how it looks. */
export type ReportModel = Details & {
  readonly records: number;
  readonly outcomes: ReadonlyMap<Status, number>;
  readonly billed: number;
  readonly notBilled: number;
  readonly open: number;
  /** Hours of a customer and dimension that should have a billed record and do not. */
  readonly gaps: number;
  /** Only gaps from this hour on are counted; undefined: all. */
  readonly gapsSince: EpochSeconds | undefined;
  readonly customers: number;
  readonly dimensions: readonly Dimension[];
  /** The dimensions that are not drawn. */
  readonly undrawn: readonly DimensionTotals[];
  readonly timeline: Timeline | undefined;
  /** Of the customers that have a row. */
  readonly attention: readonly AttentionItem[];
};

/** The result of the second pass over the points: everything along the time axis. */
type Details = {
  /** By `dimensionKey`, for the dimensions that are drawn: one entry a step. */
  readonly series: ReadonlyMap<string, readonly StepTotals[]>;
  readonly rows: readonly HeatRow[];
  /** The customers that have no row of their own. */
  readonly others: Pick<HeatRow, 'steps'>;
  /** Records that were never sent to AWS, of hours before or after those that are drawn. */
  readonly outside: number;
};

/** `quantity` is what was billed; the rest counts records. */
export type StepTotals = { quantity: number; billed: number; notBilled: number; open: number };

export type HeatRow = CustomerHours & { readonly steps: readonly HeatStep[] };

export type HeatStep = {
  billed: number;
  notBilled: number;
  open: number;
  /** Hours of a dimension that should have a record and do not. */
  missing: number;
  /** 0 to 1: usage relative to the highest step of the same customer and dimension; the mean of the dimensions. */
  level: number;
};

export type Dimension = DimensionTotals & {
  /** Those with the highest quantities. */
  readonly top: readonly Ranked[];
  /** All the others together. */
  readonly others: { readonly customers: number; readonly quantity: number };
};

type Ranked = { readonly customer: string; readonly quantity: number };

/** What is drawn along the time axis: only of these customers every hour counts, of the others the steps. */
export type DrawnRange = { readonly customers: readonly string[]; readonly unit: Unit | undefined };

/** Reads the points twice; the first time without their hours, as `summed`. */
export const reportModel = (
  points: (drawn: DrawnRange) => Iterable<RecordPoint>,
  gaps: Gaps,
  summed: Points = () => points({ customers: [], unit: 'hour' }),
): ReportModel => {
  const totals = totalsOf(summed);
  const { span, customers } = totals;
  const found = gaps(span?.from);
  const index = gapIndexOf(found?.hours ?? []);
  const gapHours = new Map([...index.keys()].map(customer => [customer, hoursIn(spansOf(index, customer))]));
  const all = [...totals.dimensions.values()].sort(
    (a, b) => b.records - a.records || compareText(a.dimension, b.dimension) || compareText(a.key, b.key),
  );
  const drawn = all.slice(0, MAX_DRAWN.dimensions);
  const drawnSpan = widenedBy(index, span);
  const timeline = drawnSpan && timelineOf(drawnSpan.from, drawnSpan.to);
  const rows = customersToDraw(totals, index, gapHours);
  const details = detailsOf(() => points({ customers: rows, unit: timeline?.unit }), {
    timeline,
    dimensions: drawn.map(({ key }) => key),
    customers: rows,
    gaps: index,
  });
  return {
    records: totals.records,
    outcomes: totals.outcomes,
    billed: countOf(all, 'billed'),
    notBilled: countOf(all, 'notBilled'),
    open: countOf(all, 'open'),
    gaps: [...gapHours.values()].reduce((sum, hours) => sum + hours, 0),
    gapsSince: found?.since,
    customers: new Set([...customers.keys(), ...index.keys()]).size,
    dimensions: drawn.map(dimension => ({ ...dimension, ...rankingOf(totals, dimension.key) })),
    undrawn: all.slice(MAX_DRAWN.dimensions),
    timeline,
    ...details,
    attention: details.rows.flatMap(row => attentionItems(row, index)),
  };
};

const countOf = (dimensions: readonly DimensionTotals[], state: BillingState): number =>
  dimensions.reduce((sum, dimension) => sum + dimension[state], 0);

/** Half of them because they need attention, half because of their size; ordered by size. */
const customersToDraw = (
  { customers }: Totals,
  index: GapIndex,
  gapHours: ReadonlyMap<string, number>,
): string[] => {
  const names = [...new Set([...customers.keys(), ...index.keys()])];
  const records = (name: string): number => customers.get(name)?.records ?? 0;
  const bySize = names.sort((a, b) => records(b) - records(a) || compareText(a, b));
  if (bySize.length <= MAX_DRAWN.customers) return bySize;
  const problems = (name: string): number => unbilledRecords(customers.get(name)) + (gapHours.get(name) ?? 0);
  const chosen = new Set(
    bySize
      .filter(name => problems(name) > 0)
      .sort((a, b) => problems(b) - problems(a))
      .slice(0, MAX_DRAWN.customers / 2),
  );
  for (const name of bySize) {
    if (chosen.size >= MAX_DRAWN.customers) break;
    chosen.add(name);
  }
  return bySize.filter(name => chosen.has(name));
};

const unbilledRecords = (customer: CustomerTotals | undefined): number =>
  customer === undefined ? 0 : customer.notBilled + customer.open;

const rankingOf = ({ customers }: Totals, key: string): Pick<Dimension, 'top' | 'others'> => {
  const users = [...customers.values()]
    .flatMap(({ customer, uses }) => {
      const use = uses.get(key);
      return use === undefined || use.billed === 0 ? [] : [{ customer, quantity: use.quantity }];
    })
    .sort((a, b) => b.quantity - a.quantity || compareText(a.customer, b.customer));
  const rest = users.slice(MAX_DRAWN.ranked);
  return {
    top: users.slice(0, MAX_DRAWN.ranked),
    others: { customers: rest.length, quantity: rest.reduce((sum, { quantity }) => sum + quantity, 0) },
  };
};

type Drawn = {
  readonly timeline: Timeline | undefined;
  readonly dimensions: readonly string[];
  readonly customers: readonly string[];
  readonly gaps: GapIndex;
};

const detailsOf = (points: Points, { timeline, dimensions, customers, gaps }: Drawn): Details => {
  const steps = timeline?.starts.length ?? 0;
  const series = new Map(dimensions.map(key => [key, Array.from({ length: steps }, newStepTotals)]));
  const drafts = new Map(customers.map(customer => [customer, newDraft(steps)]));
  const rest = newDraft(steps);
  let outside = 0;
  for (const point of points()) {
    const { customer, timestamp, status, records, quantity } = point;
    const step = timeline && stepOf(timeline, timestamp);
    if (step === undefined) {
      outside += records;
      continue;
    }
    const key = dimensionKey(point);
    const state = stateOf(status);
    const totals = series.get(key)?.[step];
    const own = drafts.get(customer);
    const { steps: heat, quantities } = own ?? rest;
    count(heat[step], state, records);
    count(totals, state, records);
    if (state === 'billed') {
      if (totals !== undefined) totals.quantity += quantity;
      const sums = getOrMake(quantities, key, () => new Float64Array(steps));
      sums[step] = (sums[step] ?? 0) + quantity;
    }
    if (own === undefined) continue;
    const hours = getOrMake(own.hours, key, () => new Map<number, Status>());
    const known = hours.get(timestamp);
    if (known === undefined || betterState(stateOf(known), state) !== stateOf(known))
      hours.set(timestamp, status);
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

const newStepTotals = (): StepTotals => ({ quantity: 0, billed: 0, notBilled: 0, open: 0 });

const newDraft = (steps: number): Draft => ({
  steps: Array.from({ length: steps }, () => ({ billed: 0, notBilled: 0, open: 0, missing: 0, level: 0 })),
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
    const highest = Math.max(0, ...sums);
    if (highest === 0) continue;
    for (const [step, heat] of steps.entries()) heat.level += (sums[step] ?? 0) / highest / quantities.size;
  }
};
