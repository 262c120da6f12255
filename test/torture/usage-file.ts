import { below, type Random } from '../../src/emulator/faults/random.ts';

export type UsageFile = {
  readonly records: number;
  /** Some records that the service refuses, does not bill, or that are too old. */
  readonly poisoned: boolean;
};

const HEADER =
  'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity,tag:Team,invoice\n';

/** A CSV file with all that a record can be; the same dice, the same file. No cell needs quotes. */
export const usageFile = ({ records, poisoned }: UsageFile, dice: Random): string => {
  const hours = usableHours(Date.now());
  const rows: string[] = [];
  for (let index = 0; index < records; index += 1) {
    const hour = hours[below(hours.length, dice)] ?? 0;
    const at = new Date((hour + below(3600, dice)) * 1000).toISOString();
    const licensed = dice() < 0.3;
    const account = String(111_122_220_001 + index);
    const license = licensed ? 'arn:aws:license-manager::123456789012:license:l-torture' : '';
    const product = licensed ? '' : dice() < 0.8 ? 'torture' : 'another';
    const cells = (quantity: number, team: string): string =>
      [at, account, license, product, 'users', quantity, team, `i-${index}`].join(',');
    if (poisoned && dice() < 0.08) rows.push(poison(cells(1, ''), account, dice));
    else if (dice() < 0.1) rows.push(cells(below(99, dice) + 1, 'Sales'), cells(below(99, dice) + 1, 'IT'));
    else rows.push(cells(below(1000, dice), ''));
  }
  return HEADER + rows.map(row => `${row}\n`).join('');
};

const poison = (row: string, account: string, dice: Random): string => {
  switch (below(3, dice)) {
    case 0:
      return row.replace(',users,', ',unknown_dimension,');
    case 1:
      // One account for all: each keeps an hour and a dimension of its own.
      return row.replace(account, '404404404404').replace(',users,', `,d${account},`);
    default:
      return row.replace(/^[^,]+/, new Date(Date.now() - 40 * 3_600_000).toISOString());
  }
};

/** Starts of hours, epoch seconds, whose usage is taken for another half hour at least. */
export const usableHours = (nowMs: number): number[] => {
  const hours: number[] = [];
  const running = Math.floor(nowMs / 3_600_000);
  for (let hour = running - 1; hour > running - 23; hour -= 1) {
    const date = new Date(hour * 3_600_000);
    const monthEnd = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1, 6);
    if (nowMs + 1_800_000 < monthEnd) hours.push(hour * 3600);
  }
  return hours.length > 0 ? hours : [running * 3600];
};

/** An hour that can be billed: the same for all files of this process, so that tests may go on while an hour ends. */
const BILLABLE_HOUR = new Date((usableHours(Date.now())[0] ?? 0) * 1000).toISOString();

/** A plain file: one product, one hour, each record for its own account. */
export const plainFile = (
  records: number,
  quantity: (index: number) => number = index => index + 1,
): string =>
  HEADER +
  Array.from(
    { length: records },
    (_, index) =>
      `${BILLABLE_HOUR},${111_122_220_001 + index},,torture,users,${quantity(index)},,i-${index}\n`,
  ).join('');
