import { type Decimal, decimalText } from '../../usage/decimal.ts';
import { type EpochMs, HOUR_SECONDS, isoMs, isoSeconds } from '../../usage/hours.ts';
import { customerOf } from '../../usage/key.ts';
import type { Amounts } from '../../usage/money.ts';
import { GAP_STATES, type GapRun, isBillable, type Unbilled } from '../../usage/unbilled-hours.ts';
import { show } from './escape.ts';
import { aboutText, type amountMembers, ESTIMATE_LEAVES_OUT } from './money.ts';
import { counted, grouped, hourText } from './numbers.ts';
import type { Paint } from './style.ts';
import { type Cell, type Column, renderTable, type Stacks, type TableStyle } from './table.ts';
import { wrapAt } from './width.ts';

/** Until when an hour can be billed, and whether it still can be now. */
export type Billability = { readonly deadlineMs: EpochMs; readonly isOpen: boolean };

/** A gap for scripts, in the API's spelling; a contract. */
export const gapMembers = (
  { subscription, timestamp, status }: Unbilled,
  { deadlineMs, isOpen }: Billability,
  value: { readonly currency: string; readonly amount: Decimal } | undefined,
) => {
  const { customerAWSAccountId, customerIdentifier, licenseArn, productCode, dimension } = subscription;
  return {
    Timestamp: isoSeconds(timestamp),
    ...(productCode !== undefined && { ProductCode: productCode }),
    ...(customerAWSAccountId !== undefined && { CustomerAWSAccountId: customerAWSAccountId }),
    ...(licenseArn !== undefined && { LicenseArn: licenseArn }),
    ...(customerIdentifier !== undefined && { CustomerIdentifier: customerIdentifier }),
    Dimension: dimension,
    deadline: isoMs(deadlineMs),
    billable: isBillable({ status }, isOpen),
    ...(status !== undefined && { status }),
    ...(value !== undefined && {
      estimate: { currency: value.currency, amount: decimalText(value.amount) },
    }),
  };
};

/** The result of a search for gaps; a contract (`gaps -o json`). */
export type GapsSummary = {
  readonly since: string;
  readonly until: string;
  /** Pairs of a customer and a dimension. */
  readonly subscriptions: number;
  readonly gaps: number;
  readonly billable: number;
  readonly tooLate: number;
  /** Hours for which AWS replied `not-subscribed`: it accepts no usage for them. */
  readonly notSubscribed: number;
  /** Hours with a record that got no reply; these are not gaps. */
  readonly perhapsBilled: number;
  /** When the first billable gap expires. */
  readonly firstDeadline: string | null;
  readonly zeroFill: {
    readonly file: string;
    readonly rows: number;
    /** Hours that are not filled with 0, because the ledger has a row for them that is not billed. */
    readonly leftOut: number;
    /** Hours that are not filled yet, because their deadline is further away. */
    readonly later: number;
  } | null;
  /** What the gaps are probably worth, by currency; null without --agreements. */
  readonly estimate: {
    readonly billable: ReturnType<typeof amountMembers>;
    readonly notBillable: ReturnType<typeof amountMembers>;
    /** Gaps whose price or usual quantity is not known. */
    readonly withoutValue: number;
  } | null;
};

const STACKS: Stacks = [
  ['CUSTOMER', 'PRODUCT', 'DIMENSION'],
  ['FROM', 'TO'],
  ['CAN BE BILLED', 'LEDGER'],
];

/** One line for consecutive hours. */
export const gapsTable = (
  runs: readonly GapRun[],
  billabilityOf: (hour: Pick<Unbilled, 'subscription' | 'timestamp'>) => Billability,
  { width, paint, symbols }: TableStyle,
): string => {
  const several = (of: (run: GapRun) => string | undefined): boolean => new Set(runs.map(of)).size > 1;
  const withProduct = several(({ subscription }) => subscription.productCode);
  const withLicense = runs.some(({ subscription }) => subscription.licenseArn !== undefined);
  const withStatus = runs.some(({ status }) => status !== undefined);
  const columns: Column[] = [
    column('CUSTOMER'),
    ...(withProduct ? [column('PRODUCT')] : []),
    column('DIMENSION'),
    column('FROM'),
    { ...column('TO'), whenNarrow: 'drop' },
    { title: 'HOURS', align: 'right', whenNarrow: 'keep' },
    column('CAN BE BILLED'),
    ...(withStatus ? [column('LEDGER')] : []),
    ...(withLicense ? [{ ...column('LICENSE'), whenNarrow: 'drop' as const }] : []),
  ];
  const rows = runs.map(({ subscription, first, last, hours, status }): Cell[] => [
    { text: show(customerOf(subscription) || '-') },
    ...(withProduct ? [{ text: show(subscription.productCode ?? '-') }] : []),
    { text: show(subscription.dimension) },
    { text: hourText(first) },
    { text: hourText(last + HOUR_SECONDS) },
    { text: grouped(hours) },
    billabilityCell(billabilityOf({ subscription, timestamp: first }), status, { paint, symbols }),
    ...(withStatus ? [{ text: status ?? '-' }] : []),
    ...(withLicense ? [{ text: show(subscription.licenseArn ?? '-') }] : []),
  ]);
  return renderTable(columns, rows, {
    width,
    cutMark: symbols.cut,
    paintTitle: paint.bold,
    stacks: [STACKS],
  });
};

const billabilityCell = (
  { deadlineMs, isOpen }: Billability,
  status: GapRun['status'],
  { paint, symbols }: Omit<TableStyle, 'width'>,
): Cell => {
  if (status === 'unknown') return { text: `${symbols.warn} ${GAP_STATES.perhapsBilled}`, paint: paint.warn };
  if (status === 'not-subscribed')
    return { text: `${symbols.fail} ${GAP_STATES.notSubscribed}`, paint: paint.fail };
  return isOpen
    ? { text: `${symbols.warn} until ${hourText(deadlineMs / 1000)}`, paint: paint.warn }
    : { text: `${symbols.fail} ${GAP_STATES.tooLate}`, paint: paint.fail };
};

const column = (title: string): Column => ({ title, align: 'left', whenNarrow: 'keep' });

/** The summary for people. */
export const gapsSummaryText = (summary: GapsSummary, paint: Paint): string => {
  const { gaps, billable, tooLate, notSubscribed, perhapsBilled, firstDeadline } = summary;
  const { subscriptions, since, until } = summary;
  const range = `from ${since.slice(0, 16)}Z to ${until.slice(0, 16)}Z`;
  const subscribers = counted(subscriptions, 'subscription');
  const head =
    gaps === 0 ? `no gaps ${range}, ${subscribers}` : `${counted(gaps, 'gap')} ${range}, ${subscribers}`;
  const lines = (
    [
      [
        GAP_STATES.billable,
        billable,
        paint.warn,
        firstDeadline === null ? '' : `the first one until ${firstDeadline}`,
      ],
      [GAP_STATES.tooLate, tooLate, paint.fail, ''],
      [GAP_STATES.notSubscribed, notSubscribed, paint.fail, 'AWS accepts no usage for these hours'],
      [
        GAP_STATES.perhapsBilled,
        perhapsBilled,
        paint.warn,
        'no reply: run ampmeter batch again, then ampmeter reconcile --settle',
      ],
    ] as const
  ).filter(([, count]) => count > 0);
  const width = Math.max(0, ...lines.map(([, count]) => grouped(count).length));
  const text = lines.map(
    ([name, count, color, more]) =>
      `  ${color(name.padEnd(14))}  ${grouped(count).padStart(width)}${more === '' ? '' : `  ${more}`}\n`,
  );
  return `${head}\n${text.join('')}`;
};

type GapValue = {
  readonly billableValue: Amounts;
  readonly lostValue: Amounts;
  readonly withoutValue: number;
  /** The first deadline of a gap that is worth something and can be billed. */
  readonly firstValueMs: EpochMs | undefined;
};

/** What the gaps are worth, for people; empty when nothing is known. `columns`: undefined without a terminal. */
export const gapValueText = (
  { billableValue, lostValue, withoutValue, firstValueMs }: GapValue,
  columns: number | undefined,
): string => {
  const until = firstValueMs === undefined ? '' : `, the first of it until ${isoMs(firstValueMs)}`;
  const [billable, lost] = [worthSomething(billableValue), worthSomething(lostValue)];
  const lines = [
    billable.size > 0 ? `${aboutText(billable)} can still be billed${until}` : '',
    lost.size > 0 ? `${aboutText(lost)} can no longer be billed` : '',
  ].filter(Boolean);
  if (lines.length === 0) return '';
  const rest =
    withoutValue > 0 ? `; ${counted(withoutValue, 'gap')} without a known price or usage not included` : '';
  const leavesOut = `${ESTIMATE_LEAVES_OUT}; an hour without a record counts with the customer's mean${rest}`;
  return `${[...lines, leavesOut].map(line => wrapAt(line, columns)).join('\n')}\n`;
};

/** Nobody has to act on usage that costs nothing. */
const worthSomething = (amounts: Amounts): Amounts =>
  new Map([...amounts].filter(([, amount]) => amount > 0n));
