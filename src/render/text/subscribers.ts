import type { MarketSubscriber } from '../../market/subscriber.ts';
import { type EpochMs, isoMs } from '../../usage/hours.ts';
import { show } from './escape.ts';
import { counted, hourText } from './numbers.ts';
import { type Cell, type Column, renderTable, type Stacks, type TableStyle } from './table.ts';
import { wrapAt } from './width.ts';

/** Where the list has a buyer from. */
export type Source = 'agreement' | 'ledger' | 'file';

/** A buyer, and where the list has it from. */
export type ListedSubscriber = Omit<MarketSubscriber, 'agreementId' | 'account' | 'status' | 'prices'> & {
  readonly agreementId: string | undefined;
  readonly account: string | undefined;
  readonly customerIdentifier: string | undefined;
  readonly status: string | undefined;
  readonly sources: readonly Source[];
};

/** For scripts, in the API's spelling; a contract. `deadlineMs`: until when the last usage is accepted. */
export const subscriberMembers = (one: ListedSubscriber, deadlineMs: EpochMs | undefined) => ({
  ...(one.account !== undefined && { CustomerAWSAccountId: one.account }),
  ...(one.customerIdentifier !== undefined && { CustomerIdentifier: one.customerIdentifier }),
  ...(one.licenseArn !== undefined && { LicenseArn: one.licenseArn }),
  ...(one.productCode !== undefined && { ProductCode: one.productCode }),
  dimensions: one.dimensions,
  ...(one.fromMs !== undefined && { from: isoMs(one.fromMs) }),
  ...(one.untilMs !== undefined && { until: isoMs(one.untilMs) }),
  ...(deadlineMs !== undefined && { deadline: isoMs(deadlineMs) }),
  ...(one.status !== undefined && { status: one.status }),
  ...(one.agreementId !== undefined && { agreementId: one.agreementId }),
  sources: one.sources,
});

/** The result for scripts; a contract. */
export type SubscribersSummary = {
  readonly since: string;
  readonly until: string;
  readonly subscribers: number;
  /** Those whose agreement has ended, and whose last usage is still accepted. */
  readonly lastHour: number;
  /** Those that only the ledger has. */
  readonly ledgerOnly: number;
  /** Those that have nothing to bill by usage. */
  readonly withoutDimensions: number;
  /** Agreements for other products, whose usage the seller does not send. */
  readonly otherProducts: number;
  /** Those of the file that no agreement lists. */
  readonly fileOnly: number;
};

const column = (title: string, whenNarrow: Column['whenNarrow'] = 'keep'): Column => ({
  title,
  align: 'left',
  whenNarrow,
});

const STACKS: Stacks = [
  ['CUSTOMER', 'PRODUCT', 'DIMENSIONS'],
  ['FROM', 'UNTIL'],
  ['STATUS', 'SOURCE'],
];

export const subscribersTable = (
  rows: readonly (readonly [one: ListedSubscriber, deadlineMs: EpochMs | undefined])[],
  { width, paint, symbols }: TableStyle,
): string => {
  const columns = [
    column('CUSTOMER'),
    column('PRODUCT'),
    column('DIMENSIONS', 'cut'),
    column('FROM'),
    column('UNTIL'),
    column('STATUS'),
    column('SOURCE'),
    column('LICENSE', 'drop'),
  ];
  const cells = rows.map(([one, deadlineMs]): Cell[] => [
    { text: show(one.account ?? one.customerIdentifier ?? '-') },
    { text: show(one.productCode ?? '-') },
    { text: show(one.dimensions.join(', ') || '-') },
    { text: one.fromMs === undefined ? '-' : hourText(Math.floor(one.fromMs / 1000)) },
    { text: one.untilMs === undefined ? '-' : hourText(Math.floor(one.untilMs / 1000)) },
    deadlineMs === undefined
      ? { text: show(one.status ?? '-') }
      : { text: `${symbols.warn} last hour until ${isoMs(deadlineMs).slice(11, 16)}Z`, paint: paint.warn },
    { text: one.sources.join('+') },
    { text: show(one.licenseArn ?? '-') },
  ]);
  return renderTable(columns, cells, {
    width,
    cutMark: symbols.cut,
    paintTitle: paint.bold,
    stacks: [STACKS],
  });
};

/** The summary for people, with what the list cannot have. `columns`: undefined without a terminal. */
export const subscribersSummaryText = (summary: SubscribersSummary, columns: number | undefined): string => {
  const { subscribers, lastHour, ledgerOnly, fileOnly, withoutDimensions, otherProducts } = summary;
  const facts = [
    lastHour > 0 ? `${lastHour} in the last hour` : '',
    ledgerOnly > 0 ? `${ledgerOnly} from the ledger only` : '',
    fileOnly > 0 ? `${fileOnly} from the file, without an agreement` : '',
    withoutDimensions > 0 ? `${withoutDimensions} with nothing to bill by usage` : '',
    otherProducts > 0 ? `${counted(otherProducts, 'agreement')} for other types of products left out` : '',
  ].filter(Boolean);
  const lines = [
    [counted(subscribers, 'subscriber'), ...facts].join(', '),
    'only agreements in which this account is the proposer; for buyers through channel partners, use --subscribers',
  ];
  return `${lines.map(line => wrapAt(line, columns)).join('\n')}\n`;
};
