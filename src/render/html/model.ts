import type { Status } from '../../usage/outcome.ts';
import { type AttentionItem, attentionItems } from './attention.ts';
import type { Cells } from './cells.ts';
import { type Details, detailsOf } from './details.ts';
import { type GapIndex, type Gaps, gapIndexOf, hoursIn, spansOf, widenedBy } from './gap-spans.ts';
import { type Timeline, timelineOf } from './timeline.ts';
import { type CustomerSurvey, type DimensionSurvey, type Totals, totalsOf } from './totals.ts';

/** How much of each kind is drawn; the rest is counted as one, and the page says so. */
export const MOST = { dimensions: 8, customers: 24, ranked: 10 } as const;

/** Everything that the page shows, and nothing of how it looks. */
export type ReportModel = Details & {
  readonly records: number;
  readonly outcomes: ReadonlyMap<Status, number>;
  readonly billed: number;
  readonly refused: number;
  readonly open: number;
  /** Hours of a customer and dimension that should have a billed record and have none. */
  readonly gaps: number;
  /** Only gaps from this hour on are counted; undefined: all. */
  readonly gapsSince: number | undefined;
  readonly customers: number;
  readonly dimensions: readonly Dimension[];
  /** The dimensions that are not drawn. */
  readonly undrawn: readonly DimensionSurvey[];
  readonly timeline: Timeline | undefined;
  /** Of the customers that have a row. */
  readonly amiss: readonly AttentionItem[];
};

export type Dimension = DimensionSurvey & {
  /** Those with the highest quantities. */
  readonly top: readonly Ranked[];
  /** All the others together. */
  readonly others: { readonly customers: number; readonly quantity: number };
};

export type Ranked = { readonly customer: string; readonly quantity: number };

/** Looks at the cells twice. */
export const reportModel = (cells: Cells, gaps: Gaps): ReportModel => {
  const survey = totalsOf(cells);
  const { span, customers } = survey;
  const found = gaps(span?.from);
  const index = gapIndexOf(found?.hours ?? []);
  const gapHours = new Map([...index.keys()].map(customer => [customer, hoursIn(spansOf(index, customer))]));
  const all = [...survey.dimensions.values()].sort(
    (a, b) => b.records - a.records || compare(a.dimension, b.dimension) || compare(a.key, b.key),
  );
  const drawn = all.slice(0, MOST.dimensions);
  const drawnSpan = widenedBy(index, span);
  const timeline = drawnSpan && timelineOf(drawnSpan.from, drawnSpan.to);
  const details = detailsOf(cells, {
    timeline,
    dimensions: drawn.map(({ key }) => key),
    customers: customersToDraw(survey, index, gapHours),
    gaps: index,
  });
  return {
    records: survey.records,
    outcomes: survey.outcomes,
    billed: total(all, 'billed'),
    refused: total(all, 'refused'),
    open: total(all, 'open'),
    gaps: [...gapHours.values()].reduce((sum, hours) => sum + hours, 0),
    gapsSince: found?.since,
    customers: new Set([...customers.keys(), ...index.keys()]).size,
    dimensions: drawn.map(dimension => ({ ...dimension, ...rankingOf(survey, dimension.key) })),
    undrawn: all.slice(MOST.dimensions),
    timeline,
    ...details,
    amiss: details.rows.flatMap(row => attentionItems(row, index)),
  };
};

const total = (dimensions: readonly DimensionSurvey[], state: 'billed' | 'refused' | 'open'): number =>
  dimensions.reduce((sum, dimension) => sum + dimension[state], 0);

/** Half of them for what is amiss, half for their size; in the order of their size. */
const customersToDraw = (
  { customers }: Totals,
  index: GapIndex,
  gapHours: ReadonlyMap<string, number>,
): string[] => {
  const names = [...new Set([...customers.keys(), ...index.keys()])];
  const records = (name: string): number => customers.get(name)?.records ?? 0;
  const bySize = names.sort((a, b) => records(b) - records(a) || compare(a, b));
  if (bySize.length <= MOST.customers) return bySize;
  const amiss = (name: string): number => troubleOf(customers.get(name)) + (gapHours.get(name) ?? 0);
  const chosen = new Set(
    bySize
      .filter(name => amiss(name) > 0)
      .sort((a, b) => amiss(b) - amiss(a))
      .slice(0, MOST.customers / 2),
  );
  for (const name of bySize) {
    if (chosen.size >= MOST.customers) break;
    chosen.add(name);
  }
  return bySize.filter(name => chosen.has(name));
};

const troubleOf = (customer: CustomerSurvey | undefined): number =>
  customer === undefined ? 0 : customer.refused + customer.open;

const rankingOf = ({ customers }: Totals, key: string): Pick<Dimension, 'top' | 'others'> => {
  const users = [...customers.values()]
    .flatMap(({ customer, uses }) => {
      const use = uses.get(key);
      return use === undefined || use.billed === 0 ? [] : [{ customer, quantity: use.quantity }];
    })
    .sort((a, b) => b.quantity - a.quantity || compare(a.customer, b.customer));
  const rest = users.slice(MOST.ranked);
  return {
    top: users.slice(0, MOST.ranked),
    others: { customers: rest.length, quantity: rest.reduce((sum, { quantity }) => sum + quantity, 0) },
  };
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
