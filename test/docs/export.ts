import { HOUR_SECONDS } from '../../src/usage/hours.ts';

const HOUR_MS = HOUR_SECONDS * 1000;
const ARN = 'arn:aws:license-manager::294406891311:license:l-';

type Stream = {
  readonly account: string;
  readonly license: string;
  readonly dimension: string;
  readonly from: string;
};

/** Who uses what in the story, from when on. */
const STREAMS: readonly Stream[] = [
  { account: '111122223333', license: `${ARN}7f3a90c2`, dimension: 'hosts', from: '2026-11-26T08:00Z' },
  { account: '111122223333', license: `${ARN}7f3a90c2`, dimension: 'gb', from: '2026-11-26T08:00Z' },
  { account: '444455556666', license: `${ARN}b81d24e6`, dimension: 'hosts', from: '2026-11-26T08:00Z' },
];

/** What is wrong with an export, and who used nothing. */
export type Flaws = { readonly broken: string; readonly quiet: readonly string[] };

/** The seller's export: the rows of so many hours that are over, oldest first. */
export const exportOf = (nowMs: number, hours: number, { broken, quiet }: Flaws): string => {
  const rows = rowsOf(nowMs, hours).filter(row => !quiet.some(start => row.startsWith(start)));
  return `${[
    'timestamp,customer_aws_account_id,license_arn,dimension,quantity',
    ...(broken === '' ? rows : rows.map(row => (row.startsWith(keyOf(broken)) ? broken : row))),
  ].join('\n')}\n`;
};

const rowsOf = (nowMs: number, hours: number): readonly string[] => {
  const current = nowMs - (nowMs % HOUR_MS);
  return Array.from({ length: hours }, (_, index) => current - (hours - index) * HOUR_MS).flatMap(at =>
    STREAMS.filter(({ from }) => at >= Date.parse(from)).map(({ account, license, dimension }, place) => {
      const time = new Date(at).toISOString().replace('.000Z', 'Z');
      return `${time},${account},${license},${dimension},${quantityAt(at / HOUR_MS, place)}`;
    }),
  );
};

/** More by day than by night. */
const quantityAt = (hour: number, place: number): number =>
  Math.round(([12, 340, 5][place] ?? 0) * (1 + 0.3 * Math.sin(((hour % 24) - 9) / 3.8)));

/** All of a row but its quantity. */
const keyOf = (row: string): string => row.slice(0, row.lastIndexOf(',') + 1);
