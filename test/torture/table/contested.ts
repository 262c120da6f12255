import { below, type Random } from '../../../src/emulator/faults/random.ts';
import { usableHours } from '../usage-file.ts';

/** Two Regions of one endpoint. */
export const REGIONS = ['us-east-1', 'eu-west-1'] as const;

export type ContestedFile = { readonly name: string; readonly region: string; readonly text: string };

const HEADER = 'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity\n';

const LICENSE = 'arn:aws:license-manager::123456789012:license:l-table';

/**
 * Files that have many records in common. Most agree; some have another quantity for the same record, a license instead of
 * a product code, or another Region: AWS may bill only one of them. No cell needs quotes.
 */
export const contestedFiles = (
  { count, regions }: { readonly count: number; readonly regions: readonly string[] },
  dice: Random,
): ContestedFile[] => {
  const hours = usableHours(Date.now());
  const usages = Array.from({ length: 20 + below(50, dice) }, (_, index): Usage => {
    const isRejected = dice() < 0.04;
    return {
      account: isRejected && index % 2 === 0 ? '404404404404' : String(111_122_220_001 + index),
      dimension: isRejected ? (index % 2 === 0 ? `d${index}` : 'unknown_dimension') : 'users',
      hour: hours[below(Math.min(hours.length, 6), dice)] ?? 0,
      isLicensed: dice() < 0.3,
      quantity: below(1000, dice),
      contest: isRejected ? 'none' : (CONTESTS[below(CONTESTS.length, dice)] ?? 'none'),
      region: regions[below(regions.length, dice)] ?? '',
    };
  });
  return Array.from({ length: count * regions.length }, (_, index) => {
    const region = regions[index % regions.length] ?? '';
    const rows = usages
      .filter(usage => usage.region === region || usage.contest === 'region')
      .filter(() => dice() < 0.8)
      .map(usage => rowOf(usage, index));
    return { name: `file-${index}.csv`, region, text: HEADER + rows.join('') };
  });
};

const CONTESTS = ['none', 'none', 'none', 'quantity', 'offering', 'region'] as const;

type Usage = {
  readonly account: string;
  readonly dimension: string;
  /** Epoch seconds. */
  readonly hour: number;
  readonly isLicensed: boolean;
  readonly quantity: number;
  readonly contest: (typeof CONTESTS)[number];
  readonly region: string;
};

const rowOf = ({ account, dimension, hour, isLicensed, quantity, contest }: Usage, file: number): string => {
  const other = Math.floor(file / REGIONS.length) % 2 === 1;
  const licensed = contest === 'offering' && other ? !isLicensed : isLicensed;
  const cells = [
    new Date(hour * 1000).toISOString(),
    account,
    licensed ? LICENSE : '',
    licensed ? '' : 'table',
    dimension,
    contest === 'quantity' && other ? quantity + 1 : quantity,
  ];
  return `${cells.join(',')}\n`;
};
