import type { Tally } from '../../upload/result.ts';
import { isBilled, isUnfinished, STATUSES } from '../../usage/outcome.ts';
import { counted, grouped } from './numbers.ts';
import type { Paint } from './style.ts';

type SummaryFacts = {
  readonly tally: Tally;
  /** Of these, what an earlier run has shown. */
  readonly known?: Tally | undefined;
  readonly rows: number;
  readonly records: number;
  readonly requests: number;
  readonly retries: number;
  readonly seconds: number;
  /** A Region, or an endpoint that is not AWS's. */
  readonly destination: string | undefined;
  /** Its number in the ledger; null without a ledger. */
  readonly run?: number | null;
};

/** The end of a run's output: what it did, and a line for each status that occurs. */
export const summaryText = (facts: SummaryFacts, paint: Paint): string => {
  const { tally, known, rows, records, requests, retries, seconds, destination, run = null } = facts;
  const parts = [
    `${counted(rows, 'row')}, ${counted(records, 'record')}`,
    ...(requests === 0 ? ['nothing sent'] : [`${counted(requests, 'request')} in ${seconds.toFixed(1)} s`]),
    ...(retries === 0 ? [] : [counted(retries, 'retry', 'retries')]),
    ...(destination === undefined ? [] : [`to ${destination}`]),
    ...(run === null ? [] : [`run ${run}`]),
  ];
  const present = STATUSES.filter(status => tally[status] > 0);
  const nameWidth = Math.max(0, ...present.map(status => status.length));
  const numberWidth = Math.max(0, ...present.map(status => grouped(tally[status]).length));
  const lines = present.map(status => {
    const color = isBilled(status) ? paint.ok : isUnfinished(status) ? paint.warn : paint.fail;
    const count = grouped(tally[status]).padStart(numberWidth);
    const more = (known?.[status] ?? 0) > 0 ? `  ${grouped(known?.[status] ?? 0)} known` : '';
    return `  ${color(status.padEnd(nameWidth))}  ${count}${more}\n`;
  });
  return `${parts.join(', ')}\n${lines.join('')}`;
};
