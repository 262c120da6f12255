import { below, type Random } from '../../../src/emulator/faults/random.ts';
import { csvOf } from './csv-text.ts';
import type { CronHour, CronTrial } from './plan.ts';

/** What happened, as the trial's own account has it. */
export type Item = {
  readonly id: string;
  /** What names it in files; another item's as well where each hour's file is the same. */
  readonly mark: string;
  /** The UTC hour it belongs to, epoch milliseconds. */
  readonly hour: number;
  /** As it is written at first. */
  readonly cells: Cells;
  /** As it ought to be; null: nothing of it can be billed. */
  readonly right: Cells | null;
  readonly bad: Bad | null;
};

/** What is wrong with a row: nothing the tool takes, a dimension or an account that AWS does not. */
type Bad = 'invalid' | 'refused' | 'not-subscribed';

export type Cells = {
  readonly account: string;
  readonly license: string;
  readonly product: string;
  readonly dimension: string;
  readonly quantity: string;
};

const HOUR = 3_600_000;

export const startOfHour = (ms: number): number => Math.floor(ms / HOUR) * HOUR;

const COLUMNS = {
  account: 'customer_aws_account_id',
  license: 'license_arn',
  product: 'product_code',
  dimension: 'dimension',
  quantity: 'quantity',
} as const;

/** Names the item in files, and is nothing to the tool. */
const ID = 'invoice';

/** What an export writes for these items; with a time only where the file tells it. */
export const usageText = (items: readonly Item[], isTimed: boolean): string =>
  csvOf(
    [...(isTimed ? ['timestamp'] : []), ...Object.values(COLUMNS), ID],
    items.map(({ mark, hour, cells }) => ({
      ...rowOf(cells),
      [ID]: mark,
      ...(isTimed && { timestamp: new Date(hour + 1_800_000).toISOString() }),
    })),
  );

export const rowOf = (cells: Cells): Record<string, string> =>
  Object.fromEntries(
    Object.entries(COLUMNS).map(([member, column]) => [column, cells[member as keyof Cells]]),
  );

export const markOf = (row: Readonly<Record<string, string>>): string => row[ID] ?? '';

/** The usage that is reported in one hour, by the time `at` (epoch milliseconds); `prefix` begins the ids. */
export const usageOfHour = (
  { when, isConstant }: CronTrial,
  { records, bad }: CronHour,
  { at, prefix, next }: { readonly at: number; readonly prefix: string; readonly next: () => number },
  dice: Random,
): Item[] => {
  const hour = startOfHour(at) - (when === 'now' ? 0 : HOUR);
  return Array.from({ length: isConstant ? 4 : records }, (_, index) => {
    const isLate = when === 'column' && dice() < 0.15;
    const id = `${prefix}-${index}`;
    const item = {
      id,
      mark: isConstant ? `c${index}` : id,
      hour: isLate ? hour - below(30, dice) * HOUR : hour,
    };
    const dimension = isLate ? `late-${prefix}` : prefix.endsWith('b') ? 'gb' : 'users';
    const number = isConstant ? index : next();
    // Where nobody could know the hour of a file it may be that of another, which must then have other customers.
    const cells = goodCells(when === 'column' ? index : number, index, dimension, 1000 + number);
    return dice() < bad ? { ...item, ...wrong(cells, dice) } : { ...item, cells, right: cells, bad: null };
  });
};

/** A quantity is one item's alone, unless all files are the same: so whatever is billed tells what it was. */
const goodCells = (customer: number, index: number, dimension: string, quantity: number): Cells => ({
  account: String(111_122_220_001 + customer),
  license: index % 4 === 1 ? 'arn:aws:license-manager::123456789012:license:l-cron' : '',
  product: index % 4 === 1 ? '' : index % 4 === 2 ? 'another' : 'cron',
  dimension,
  quantity: String(quantity),
});

const wrong = (cells: Cells, dice: Random): Pick<Item, 'cells' | 'right' | 'bad'> => {
  switch (below(4, dice)) {
    case 0:
      return { cells: { ...cells, dimension: 'unknown_dimension' }, right: cells, bad: 'refused' };
    case 1: {
      const nobody = { ...cells, account: '404404404404', dimension: `d${cells.quantity}` };
      return { cells: nobody, right: dice() < 0.5 ? cells : null, bad: 'not-subscribed' };
    }
    default:
      return { cells: { ...cells, quantity: 'oops' }, right: cells, bad: 'invalid' };
  }
};
