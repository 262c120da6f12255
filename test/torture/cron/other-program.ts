import { BatchMeterUsageCommand, MarketplaceMeteringClient } from '@aws-sdk/client-marketplace-metering';
import { KEY_PAIR } from '../../../src/emulator/principal.ts';
import type { Cells } from './usage.ts';

/** What another program bills is more than any usage of these trials, so that all can tell whose a record is. */
export const OTHERS_FROM = 1_000_000;

export type OtherUsage = {
  readonly cells: Cells;
  /** Epoch milliseconds. */
  readonly hour: number;
  readonly quantity: number;
};

/** Bills usage with AWS's own client, past the tool and its ledger. `offsetMs`: how far the service's clock is ahead. */
export const billElsewhere = async (
  url: string,
  usages: readonly OtherUsage[],
  offsetMs: number,
): Promise<void> => {
  const client = new MarketplaceMeteringClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { ...KEY_PAIR },
    systemClockOffset: offsetMs,
  });
  for (const { cells, hour, quantity } of usages) {
    const { account, license, product, dimension } = cells;
    await client.send(
      new BatchMeterUsageCommand({
        ...(license === '' && { ProductCode: product }),
        UsageRecords: [
          {
            ...(license !== '' && { LicenseArn: license }),
            CustomerAWSAccountId: account,
            Dimension: dimension,
            Timestamp: new Date(hour),
            Quantity: quantity,
          },
        ],
      }),
    );
  }
  client.destroy();
};
