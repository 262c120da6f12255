import type { Finding } from '../checker.ts';
import type { LoggedRequest } from '../setup.ts';

/** What AWS has recorded. */
export type Bill = {
  /** Customer, dimension and hour. */
  readonly usage: string;
  /** Region, and license or product code. */
  readonly variant: string;
  readonly quantity: number;
  readonly id: string | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
};

export const billsIn = (requests: readonly LoggedRequest[]): Bill[] =>
  requests.flatMap(({ at, region, records }) =>
    records
      .filter(({ outcome }) => outcome === 'recorded')
      .map(record => ({
        usage: usageOf(record.CustomerAWSAccountId ?? '', record.Dimension, record.Timestamp),
        variant: `${region} ${record.LicenseArn ?? record.ProductCode}`,
        quantity: record.Quantity,
        id: record.MeteringRecordId,
        at: Date.parse(at),
      })),
  );

const usageOf = (customer: string, dimension: string, second: number): string =>
  [customer, dimension, Math.floor(second / 3600) * 3600].join(' ');

export type Wanted = Pick<Bill, 'usage' | 'variant' | 'quantity'> & { readonly canBeBilled: boolean };

/** The records of a file, by its text alone. */
export const wantedOf = (csv: string, region: string): Wanted[] => {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  const names = header.split(',');
  return lines.map(line => {
    const cells = line.split(',');
    const cell = (name: string): string => cells[names.indexOf(name)] ?? '';
    const [account, dimension] = [cell('customer_aws_account_id'), cell('dimension')];
    return {
      usage: usageOf(account, dimension, Date.parse(cell('timestamp')) / 1000),
      variant: `${region} ${cell('license_arn') || cell('product_code')}`,
      quantity: Number(cell('quantity')),
      canBeBilled: isBillable(account, dimension),
    };
  });
};

/** By the documented test values of the service. */
export const isBillable = (account: string, dimension: string): boolean =>
  account !== '404404404404' && dimension !== 'unknown_dimension';

type Uploaded = { readonly text: string; readonly region: string };

/** Each usage of the files is billed once, as one of them says, and nothing else is. */
export const judgeBills = (
  files: readonly Uploaded[],
  bills: readonly Bill[],
  requests: readonly LoggedRequest[],
): Finding[] => {
  const findings: Finding[] = [];
  const add = (kind: Finding['kind'], text: string): void => void findings.push({ kind, text });
  const wanted = Map.groupBy(
    files.flatMap(({ text, region }) => wantedOf(text, region)),
    ({ usage }) => usage,
  );
  const billed = Map.groupBy(bills, ({ usage }) => usage);
  for (const [usage, claims] of wanted) {
    const [bill, ...more] = billed.get(usage) ?? [];
    const canBeBilled = claims.some(claim => claim.canBeBilled);
    if (more.length > 0)
      add('billed twice', `${usage}: ${[bill, ...more].map(one => one?.variant).join(', ')}`);
    if (bill === undefined) {
      if (canBeBilled) add('lost', usage);
    } else if (!canBeBilled) add('billed twice', `${usage} cannot be billed`);
    else if (!claims.some(({ variant, quantity }) => variant === bill.variant && quantity === bill.quantity))
      add('wrong quantity', `${usage}: no file says ${bill.quantity} of ${bill.variant}`);
  }
  for (const usage of billed.keys()) if (!wanted.has(usage)) add('billed twice', `${usage} is in no file`);
  for (const { requestId, records } of requests)
    for (const record of records)
      if (record.outcome === 'duplicate')
        add('wrong quantity', `${requestId}: ${record.CustomerAWSAccountId} met another quantity`);
  return findings;
};
