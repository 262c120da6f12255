import { HOUR_SECONDS, isoMs } from '../../usage/hours.ts';
import { type GapRun, isBillable, type Unbilled } from '../../usage/unbilled-hours.ts';
import { show } from './escape.ts';
import { counted, grouped, hourText } from './numbers.ts';
import type { Paint, Symbols } from './style.ts';
import { type Cell, type Column, renderTable } from './table.ts';

/** What is known of a gap besides the hour: until when it can be billed, epoch milliseconds, and whether it can now. */
export type Billability = { readonly deadline: number; readonly isOpen: boolean };

/** An hour for scripts, in the API's spelling; a contract. */
export const gapMembers = (
  { subscription, timestamp, status }: Unbilled,
  { deadline, isOpen }: Billability,
) => {
  const { customerAWSAccountId, customerIdentifier, licenseArn, productCode, dimension } = subscription;
  return {
    Timestamp: isoMs(timestamp * 1000),
    ...(productCode !== undefined && { ProductCode: productCode }),
    ...(customerAWSAccountId !== undefined && { CustomerAWSAccountId: customerAWSAccountId }),
    ...(licenseArn !== undefined && { LicenseArn: licenseArn }),
    ...(customerIdentifier !== undefined && { CustomerIdentifier: customerIdentifier }),
    Dimension: dimension,
    deadline: isoMs(deadline),
    billable: isBillable({ status }, isOpen),
    ...(status !== undefined && { status }),
  };
};

/** The facts of a look for gaps; a contract (`gaps -o json`). */
export type GapsSummary = {
  readonly since: string;
  readonly until: string;
  /** A customer with a dimension each. */
  readonly subscriptions: number;
  readonly gaps: number;
  readonly billable: number;
  readonly tooLate: number;
  /** Hours that AWS has answered `not-subscribed`: it takes no usage for them. */
  readonly notSubscribed: number;
  /** Hours with a record of which no answer came; these are no gaps. */
  readonly perhapsBilled: number;
  /** When the first gap that can be billed no longer can. */
  readonly firstDeadline: string | null;
  readonly zeroFill: {
    readonly file: string;
    readonly rows: number;
    /** Hours that can be billed, but not with 0: a quantity of theirs was not billed. */
    readonly leftOut: number;
  } | null;
};

type View = { readonly width: number | undefined; readonly paint: Paint; readonly symbols: Symbols };

/** A line for hours that follow each other. */
export const gapsTable = (
  runs: readonly GapRun[],
  chanceOf: (timestamp: number) => Billability,
  { width, paint, symbols }: View,
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
    column('TO'),
    { title: 'HOURS', align: 'right', whenNarrow: 'keep' },
    column('CAN BE BILLED'),
    ...(withStatus ? [column('LEDGER')] : []),
    ...(withLicense ? [{ ...column('LICENSE'), whenNarrow: 'drop' as const }] : []),
  ];
  const rows = runs.map(({ subscription, first, last, hours, status }): Cell[] => [
    { text: show(subscription.customerAWSAccountId ?? subscription.customerIdentifier ?? '-') },
    ...(withProduct ? [{ text: show(subscription.productCode ?? '-') }] : []),
    { text: show(subscription.dimension) },
    { text: hourText(first) },
    { text: hourText(last + HOUR_SECONDS) },
    { text: grouped(hours) },
    chanceCell(chanceOf(first), status, { paint, symbols }),
    ...(withStatus ? [{ text: status ?? '-' }] : []),
    ...(withLicense ? [{ text: show(subscription.licenseArn ?? '-') }] : []),
  ]);
  return renderTable(columns, rows, { width, cutMark: symbols.cut, paintTitle: paint.bold });
};

const chanceCell = (
  { deadline, isOpen }: Billability,
  status: GapRun['status'],
  { paint, symbols }: Omit<View, 'width'>,
): Cell => {
  if (status === 'unknown') return { text: `${symbols.warn} perhaps billed`, paint: paint.warn };
  if (status === 'not-subscribed') return { text: `${symbols.fail} not subscribed`, paint: paint.fail };
  return isOpen
    ? { text: `${symbols.warn} until ${hourText(deadline / 1000)}`, paint: paint.warn }
    : { text: `${symbols.fail} too late`, paint: paint.fail };
};

const column = (title: string): Column => ({ title, align: 'left', whenNarrow: 'keep' });

/** The last thing the command says to people. */
export const gapsSummaryText = (summary: GapsSummary, paint: Paint): string => {
  const { gaps, billable, tooLate, notSubscribed, perhapsBilled, firstDeadline } = summary;
  const { subscriptions, since, until } = summary;
  const range = `from ${since.slice(0, 16)}Z to ${until.slice(0, 16)}Z`;
  const who = counted(subscriptions, 'subscription');
  const head = gaps === 0 ? `no gaps ${range}, ${who}` : `${counted(gaps, 'gap')} ${range}, ${who}`;
  const lines = (
    [
      [
        'can be billed',
        billable,
        paint.warn,
        firstDeadline === null ? '' : `the first until ${firstDeadline}`,
      ],
      ['too late', tooLate, paint.fail, ''],
      ['not subscribed', notSubscribed, paint.fail, 'AWS takes no usage for these hours'],
      [
        'perhaps billed',
        perhapsBilled,
        paint.warn,
        'no reply came: ampmeter batch, then ampmeter reconcile --settle',
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
