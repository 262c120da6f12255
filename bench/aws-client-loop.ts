import { readFileSync } from 'node:fs';
import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
  type UsageRecord,
} from '@aws-sdk/client-marketplace-metering';

/** What a seller would write without this tool: AWS's client in a loop, no checks and no ledger, eight requests at a time. */
const [file = ''] = process.argv.slice(2);
const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
const client = new MarketplaceMeteringClient({});
let next = 0;

const worker = async (): Promise<void> => {
  while (next < lines.length) {
    const start = next;
    next += 25;
    const batch = lines.slice(start, next).map((line): UsageRecord => {
      const [timestamp = '', account, , dimension, quantity] = line.split(',');
      return {
        Timestamp: new Date(timestamp),
        CustomerAWSAccountId: account,
        Dimension: dimension,
        Quantity: Number(quantity),
      };
    });
    const { Results } = await client.send(
      new BatchMeterUsageCommand({ ProductCode: 'p', UsageRecords: batch }),
    );
    for (const { Status } of Results ?? []) if (Status !== 'Success') throw new Error(`status ${Status}`);
  }
};
await Promise.all(Array.from({ length: 8 }, worker));
