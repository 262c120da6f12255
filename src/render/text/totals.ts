import type { GroupBy, TotalsGroup, UsageTotals } from '../../ledger/queries/totals.ts';
import { type Decimal, decimalText, fromWhole } from '../../usage/decimal.ts';
import { isoSeconds } from '../../usage/hours.ts';
import { isBilled, STATUSES, type Status } from '../../usage/outcome.ts';
import { show } from './escape.ts';
import { amountsText } from './money.ts';
import { grouped, groupedDecimal, hourText } from './numbers.ts';
import type { Paint } from './style.ts';
import {
  barCell,
  type Cell,
  type Column,
  GAP,
  renderTable,
  type Stacks,
  type TableStyle,
  tableWidth,
} from './table.ts';

/** Sums for scripts; a contract. Statuses that do not occur have the count 0, so that all lines have the same members. */
export const totalsMembers = ({
  productCode,
  dimension,
  records,
  quantity,
  billed,
  used,
  balance,
  counts,
}: UsageTotals) => ({
  ...(productCode !== undefined && { ProductCode: productCode }),
  Dimension: dimension,
  records,
  quantity,
  billedQuantity: billed,
  statuses: Object.fromEntries(STATUSES.map(status => [status, counts[status] ?? 0])),
  ...(used !== fromWhole(quantity) || balance !== undefined ? { used: decimalText(used) } : {}),
  ...(balance !== undefined && { balance: decimalText(balance) }),
});

/** A group for scripts; a contract. The key comes first, with the name that it has in a record. */
export const groupMembers = (group: TotalsGroup, by: GroupBy) => ({
  ...(by === 'hour' && { Timestamp: keyText(group, by) }),
  ...(by === 'day' && { day: keyText(group, by) }),
  ...(group.customer !== undefined && { [customerMember(group.customer)]: group.customer }),
  ...totalsMembers(group),
});

/** The checks reject a customer identifier of twelve digits, so the form is unambiguous. */
const customerMember = (customer: string): string =>
  /^[0-9]{12}$/.test(customer) ? 'CustomerAWSAccountId' : 'CustomerIdentifier';

/** The key as text; for a dimension its name. */
export const keyText = (
  { start = 0, customer, productCode, dimension }: TotalsGroup,
  by: GroupBy,
): string => {
  const time = isoSeconds(start);
  switch (by) {
    case 'hour':
      return time;
    case 'day':
      return time.slice(0, 10);
    case 'customer':
      return customer ?? '';
    case 'product':
      return productCode ?? '';
    case 'dimension':
      return dimension;
    default:
      return by satisfies never;
  }
};

/** One line for each dimension of each group, and the totals below if they differ from the groups. */
export const groupsTable = (
  groups: readonly TotalsGroup[],
  totals: readonly UsageTotals[],
  by: GroupBy,
  { width, paint, symbols }: TableStyle,
  values?: {
    readonly ofGroup: (group: TotalsGroup) => ReadonlyMap<string, Decimal>;
    readonly ofTotals: (totals: UsageTotals) => ReadonlyMap<string, Decimal>;
  },
): string => {
  const present = STATUSES.filter(status => totals.some(({ counts }) => (counts[status] ?? 0) > 0));
  const shown = present.some(status => !isBilled(status)) ? present : [];
  const withProduct = by === 'product' || new Set(totals.map(({ productCode }) => productCode)).size > 1;
  const hasKey = by !== 'dimension' && by !== 'product';
  const withBalance = totals.some(({ balance }) => balance !== undefined);
  const withUsed = withBalance || totals.some(({ used, quantity }) => used !== fromWhole(quantity));
  const columns: Column[] = [
    ...(hasKey ? [text(by.toUpperCase())] : []),
    ...(withProduct ? [text('PRODUCT')] : []),
    text('DIMENSION'),
    number('RECORDS'),
    ...(withUsed ? [number('USED')] : []),
    number(withUsed ? 'SENT' : 'QUANTITY'),
    number('BILLED'),
    ...(withBalance ? [number('BALANCE')] : []),
    ...(values === undefined ? [] : [number('ESTIMATE')]),
    ...shown.map(status => number(status.toUpperCase(), 'drop')),
  ];
  const cells = (
    totals: UsageTotals,
    key: string,
    amounts: ReadonlyMap<string, Decimal> | undefined,
  ): Cell[] => [
    ...(hasKey ? [{ text: show(key) }] : []),
    ...(withProduct ? [{ text: show(totals.productCode ?? '-') }] : []),
    { text: show(totals.dimension) },
    { text: grouped(totals.records) },
    ...(withUsed ? [{ text: groupedDecimal(decimalText(totals.used)) }] : []),
    { text: grouped(totals.quantity) },
    { text: grouped(totals.billed) },
    ...(withBalance
      ? [{ text: totals.balance === undefined ? '-' : groupedDecimal(decimalText(totals.balance)) }]
      : []),
    ...(amounts === undefined ? [] : [{ text: amountsText(amounts) || '-' }]),
    ...shown.map(status => statusCell(status, totals.counts[status] ?? 0, paint)),
  ];
  const rows = groups.map(group =>
    cells(group, by === 'hour' ? hourText(group.start ?? 0) : keyText(group, by), values?.ofGroup(group)),
  );
  const sums =
    groups.length === totals.length
      ? []
      : totals.map(total =>
          cells(total, 'total', values?.ofTotals(total)).map(cell => ({ ...cell, paint: paint.bold })),
        );
  const layout = { width, cutMark: symbols.cut, paintTitle: paint.bold, stacks: [STACKS] };
  const room = width === undefined ? 0 : width - tableWidth(columns, [...rows, ...sums]) - GAP.length;
  if (room < MIN_BAR) return renderTable(columns, [...rows, ...sums], layout);

  const full = fullBars(groups);
  const barWidth = Math.min(room, MAX_BAR);
  const barred = rows.map((row, index) => {
    const { billed, quantity, ...unit } = groups[index] as TotalsGroup;
    const share = { part: billed, whole: quantity, full: full.get(unitOf(unit)) ?? 0 };
    return [...row, barCell(share, barWidth, symbols, paint)];
  });
  return renderTable([...columns, text('')], [...barred, ...sums], layout);
};

/** At most one of the first three is in a table. */
const STACKS: Stacks = [['HOUR', 'DAY', 'CUSTOMER', 'PRODUCT', 'DIMENSION']];

const MIN_BAR = 8;
const MAX_BAR = 40;

/** The largest quantity of each unit: bars of different dimensions cannot be compared. */
const fullBars = (groups: readonly TotalsGroup[]): ReadonlyMap<string, number> => {
  const full = new Map<string, number>();
  for (const group of groups) {
    const unit = unitOf(group);
    full.set(unit, Math.max(full.get(unit) ?? 0, group.quantity));
  }
  return full;
};

const unitOf = ({ productCode, dimension }: Pick<UsageTotals, 'productCode' | 'dimension'>): string =>
  `${productCode ?? ''} ${dimension}`;

const statusCell = (status: Status, count: number, paint: Paint): Cell => {
  const dim = count === 0 ? paint.dim : isBilled(status) ? paint.ok : paint.warn;
  return { text: grouped(count), paint: dim };
};

const text = (title: string): Column => ({ title, align: 'left', whenNarrow: 'keep' });

const number = (title: string, whenNarrow: Column['whenNarrow'] = 'keep'): Column => ({
  title,
  align: 'right',
  whenNarrow,
});
