import type { Forecast } from '../../upload/preview.ts';
import type { Tally } from '../../upload/result.ts';
import { show } from './escape.ts';
import { counted, grouped, groupedDecimal } from './numbers.ts';
import { clockText } from './progress.ts';
import type { Paint } from './style.ts';
import { renderTable } from './table.ts';

/** The forecast for people: what would be sent, what the ledger already has, the totals of each dimension. */
export const forecastText = (forecast: Forecast, tally: Tally, paint: Paint): string => {
  const facts: [string, string][] = [
    ['to send', `${counted(forecast.records, 'record')} in ${counted(forecast.requests, 'request')}`],
    [
      'duration',
      forecast.seconds === 0 ? 'under a second' : `${clockText(forecast.seconds)} at the permitted rate`,
    ],
    ['customers', grouped(forecast.customers)],
    ['deadline', forecast.earliestDeadline ?? '-'],
    ['already billed', grouped(tally['already-recorded'])],
    ['conflicts', grouped(tally.conflict)],
    ['expired', grouped(tally.expired)],
    ['would expire', grouped(forecast.tooLate)],
    ['invalid rows', grouped(tally.invalid)],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, value]) => `${paint.bold(name.padEnd(width))}  ${value}\n`);
  if (forecast.dimensions.length === 0) return lines.join('');
  const withUsed = forecast.dimensions.some(({ used }) => used !== undefined);
  const table = renderTable(
    [
      { title: 'DIMENSION', align: 'left', whenNarrow: 'keep' },
      { title: 'RECORDS', align: 'right', whenNarrow: 'keep' },
      ...(withUsed ? [{ title: 'USED', align: 'right', whenNarrow: 'keep' } as const] : []),
      { title: withUsed ? 'TO SEND' : 'QUANTITY', align: 'right', whenNarrow: 'keep' },
    ],
    forecast.dimensions.map(({ dimension, records, quantity, used }) => [
      { text: show(dimension) },
      { text: grouped(records) },
      ...(withUsed ? [{ text: used === undefined ? grouped(quantity) : groupedDecimal(used) }] : []),
      { text: grouped(quantity) },
    ]),
    { width: undefined, cutMark: '', paintTitle: paint.bold },
  );
  return `${lines.join('')}\n${table}`;
};
