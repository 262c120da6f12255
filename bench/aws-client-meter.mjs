import { MarketplaceMeteringClient, MeterUsageCommand } from '@aws-sdk/client-marketplace-metering';

/** The same call as `ampmeter meter`, by AWS's generated client. */
const client = new MarketplaceMeteringClient({});
const report = await client.send(
  new MeterUsageCommand({
    ProductCode: 'p',
    UsageDimension: 'users',
    UsageQuantity: 3,
    Timestamp: new Date(),
  }),
);
process.stdout.write(`${report.MeteringRecordId}\n`);
