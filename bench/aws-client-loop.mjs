import { createReadStream } from 'node:fs';
import { BatchMeterUsageCommand, MarketplaceMeteringClient } from '@aws-sdk/client-marketplace-metering';
import { parse } from 'csv-parse';

/**
 * What a seller would write without this tool: reads the file with a CSV parser, row by row, and sends what it says with
 * AWS's client, eight requests at a time. It checks nothing and remembers nothing.
 */
const [file = ''] = process.argv.slice(2);
const client = new MarketplaceMeteringClient({});
const rows = createReadStream(file)
  .pipe(parse({ columns: true }))
  [Symbol.asyncIterator]();
let product;

/** The file has one product. */
const nextBatch = async () => {
  const batch = [];
  while (batch.length < 25) {
    const { value, done } = await rows.next();
    if (done === true) break;
    product = value['product_code'];
    batch.push({
      Timestamp: new Date(value['timestamp'] ?? ''),
      CustomerAWSAccountId: value['customer_aws_account_id'],
      LicenseArn: value['license_arn'],
      Dimension: value['dimension'],
      Quantity: Number(value['quantity']),
    });
  }
  return batch;
};

const worker = async () => {
  for (;;) {
    const batch = await nextBatch();
    if (batch.length === 0) return;
    const { Results } = await client.send(
      new BatchMeterUsageCommand({ ProductCode: product, UsageRecords: batch }),
    );
    for (const { Status } of Results ?? []) if (Status !== 'Success') throw new Error(`status ${Status}`);
  }
};
await Promise.all(Array.from({ length: 8 }, worker));
