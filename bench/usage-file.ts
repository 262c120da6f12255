import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { HOUR_SECONDS, startOfHour } from '../src/usage/hours.ts';
import { firstOpenHour, WINDOWS } from '../src/usage/windows.ts';

/** Writes so many records of the last whole hour, each for another account, and gives the path. */
export const writeUsage = (file: string, rows: number): Promise<string> => {
  const hour = isoHour(startOfHour(Date.now()) - HOUR_SECONDS);
  return write(file, 'timestamp,customer_aws_account_id,product_code,dimension,quantity', rows, row => {
    return `${hour},${111_111_111_111 + row},p,users,${row % 100}`;
  });
};

const HOURS = 20;
const DIMENSIONS = 5;

/**
 * Writes so many records as a metering database exports them, with license ARNs: all that one customer has used, then the
 * next customer. Shuffled, the rows are in no order at all, and in the same one each time.
 */
export const writeExport = (
  file: string,
  rows: number,
  { shuffled }: { shuffled: boolean },
): Promise<string> => {
  const last = startOfHour(Date.now()) - HOUR_SECONDS;
  // The run takes a while, and its hours must not close meanwhile.
  const open = (last - firstOpenHour(new Date(), WINDOWS.BatchMeterUsage)) / HOUR_SECONDS - 1;
  const hours = Math.max(1, Math.min(HOURS, open));
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  if (shuffled) shuffle(order);
  return write(file, 'timestamp,customer_aws_account_id,license_arn,dimension,quantity', rows, at => {
    const row = order[at] ?? 0;
    const dimension = row % DIMENSIONS;
    const hour = last - (Math.floor(row / DIMENSIONS) % hours) * HOUR_SECONDS;
    const customer = Math.floor(row / DIMENSIONS / hours);
    const license = `arn:aws:license-manager::294406891311:license:l-${customer.toString(16).padStart(32, '0')}`;
    return `${isoHour(hour)},${111_111_111_111 + customer * 7_919},${license},dimension-${dimension},${row % 1000}`;
  });
};

/** Fisher and Yates, with the generator of Lehmer. */
const shuffle = (values: Int32Array): void => {
  let state = 48_271;
  for (let at = values.length - 1; at > 0; at -= 1) {
    state = (state * 48_271) % 2_147_483_647;
    const other = state % (at + 1);
    [values[at], values[other]] = [values[other] ?? 0, values[at] ?? 0];
  }
};

const isoHour = (hour: number): string => new Date(hour * 1000).toISOString();

const write = async (
  file: string,
  header: string,
  rows: number,
  lineOf: (row: number) => string,
): Promise<string> => {
  const stream = createWriteStream(file);
  stream.write(`${header}\n`);
  for (let row = 0; row < rows; row += 1) if (!stream.write(`${lineOf(row)}\n`)) await once(stream, 'drain');
  stream.end();
  await finished(stream);
  return file;
};
