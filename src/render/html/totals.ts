import type { Status } from '../../usage/outcome.ts';
import { type Cells, dimensionKey, isDrawn, type State, stateOf } from './cells.ts';
import type { HourSpan } from './gap-spans.ts';
import { getOrMake } from './get-or-make.ts';

/** Counts of records by what they mean. */
type Counts = { records: number } & { [state in State]: number };

/** What a customer has used of one dimension, and is billed for. */
export type Use = { quantity: number; billed: number };

export type CustomerSurvey = Counts & {
  readonly customer: string;
  /** By `dimensionKey`. */
  readonly uses: Map<string, Use>;
};

export type DimensionSurvey = Counts & {
  readonly key: string;
  readonly product: string | undefined;
  readonly dimension: string;
  /** Billed. */
  quantity: number;
};

/** What the first look at all cells finds: enough to decide what is drawn, and how coarsely. */
export type Totals = {
  readonly records: number;
  readonly outcomes: ReadonlyMap<Status, number>;
  readonly customers: ReadonlyMap<string, CustomerSurvey>;
  readonly dimensions: ReadonlyMap<string, DimensionSurvey>;
  /** The hours that are drawn, both included; undefined when there are none. */
  readonly span: HourSpan | undefined;
};

export const totalsOf = (cells: Cells): Totals => {
  const outcomes = new Map<Status, number>();
  const customers = new Map<string, CustomerSurvey>();
  const dimensions = new Map<string, DimensionSurvey>();
  let total = 0;
  const drawn = emptySpan();
  const all = emptySpan();
  for (const cell of cells()) {
    const { timestamp, status, records, quantity } = cell;
    const state = stateOf(status);
    const key = dimensionKey(cell);
    total += records;
    outcomes.set(status, (outcomes.get(status) ?? 0) + records);
    widen(all, timestamp);
    if (isDrawn(status)) widen(drawn, timestamp);

    const customer = getOrMake(customers, cell.customer, () => newCustomer(cell.customer));
    const dimension = getOrMake(dimensions, key, () => newDimension(key, cell));
    const use = getOrMake(customer.uses, key, newUse);
    customer.records += records;
    customer[state] += records;
    dimension.records += records;
    dimension[state] += records;
    if (state !== 'billed') continue;
    dimension.quantity += quantity;
    use.quantity += quantity;
    use.billed += records;
  }
  const span = Number.isFinite(drawn.from) ? drawn : all;
  return {
    records: total,
    outcomes,
    customers,
    dimensions,
    span: Number.isFinite(span.from) ? span : undefined,
  };
};

const emptySpan = () => ({ from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY });

const widen = (span: { from: number; to: number }, hour: number): void => {
  if (hour < span.from) span.from = hour;
  if (hour > span.to) span.to = hour;
};

const noCounts = (): Counts => ({ records: 0, billed: 0, refused: 0, open: 0 });

const newCustomer = (customer: string): CustomerSurvey => ({ customer, ...noCounts(), uses: new Map() });

const newDimension = (
  key: string,
  { product, dimension }: { readonly product: string | undefined; readonly dimension: string },
): DimensionSurvey => ({ key, product, dimension, ...noCounts(), quantity: 0 });

const newUse = (): Use => ({ quantity: 0, billed: 0 });
