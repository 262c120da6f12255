import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** Writes so many records of the last whole hour, each for another account, and gives the path. */
export const writeUsage = async (file: string, rows: number): Promise<string> => {
  const hour = new Date(Math.floor(Date.now() / 3_600_000 - 1) * 3_600_000).toISOString();
  const stream = createWriteStream(file);
  stream.write('timestamp,customer_aws_account_id,product_code,dimension,quantity\n');
  for (let row = 0; row < rows; row += 1) {
    const line = `${hour},${111_111_111_111 + row},p,users,${row % 100}\n`;
    if (!stream.write(line)) await once(stream, 'drain');
  }
  stream.end();
  await finished(stream);
  return file;
};
