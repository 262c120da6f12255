import { jsonDocument, jsonLines, writeAll } from '../../cli/stream-json.ts';
import { cell, csvLine } from '../../files/csv-writer.ts';
import { LAST_HOUR_MS } from '../../market/subscriber.ts';
import { counted } from '../../render/text/numbers.ts';
import {
  type ListedSubscriber,
  type SubscribersSummary,
  subscriberMembers,
  subscribersSummaryText,
  subscribersTable,
} from '../../render/text/subscribers.ts';
import { type Terminal, warningText } from '../../render/text/terminal.ts';
import { type EpochMs, isoMs } from '../../usage/hours.ts';
import type { World } from '../../world.ts';
import type { SubscribersOptions } from './options.ts';

/** Until when usage from before the end is accepted; undefined: the agreement has not ended, or too long ago. */
export const deadlineOf = ({ untilMs }: ListedSubscriber, now: EpochMs): EpochMs | undefined =>
  untilMs !== undefined && untilMs <= now && now < untilMs + LAST_HOUR_MS
    ? untilMs + LAST_HOUR_MS
    : undefined;

export const writeSubscribers = async (
  listed: readonly ListedSubscriber[],
  summary: SubscribersSummary,
  now: EpochMs,
  { output }: Pick<SubscribersOptions, 'output'>,
  world: World,
  { out: paint, err, symbols, width }: Terminal,
): Promise<void> => {
  const members = listed.map(one => subscriberMembers(one, deadlineOf(one, now)));
  switch (output) {
    case 'json':
      await writeAll(jsonDocument({ subscribers: members, summary: () => summary }), world);
      break;
    case 'jsonl':
      await writeAll(jsonLines('subscriber', members), world);
      await writeAll(jsonLines('summary', [summary]), world);
      break;
    case 'csv':
      await writeAll(subscriberCsv(listed), world);
      await warnOfUnwritten(listed, world, err);
      break;
    case 'table': {
      const rows = listed.map(one => [one, deadlineOf(one, now)] as const);
      if (rows.length > 0) await world.stdout.write(subscribersTable(rows, { width, paint, symbols }));
      await world.stderr.write(subscribersSummaryText(summary));
      break;
    }
    default:
      output satisfies never;
  }
};

/** `gaps --subscribers` reads it, so the cells that it needs are never changed. */
function* subscriberCsv(listed: readonly ListedSubscriber[]): Generator<string> {
  yield csvLine([
    'customer_aws_account_id',
    'license_arn',
    'customer_identifier',
    'product_code',
    'dimension',
    'from',
    'until',
    'status',
    'source',
  ]);
  for (const one of listed.filter(isNamed)) {
    for (const dimension of one.dimensions)
      yield csvLine([
        one.account ?? '',
        one.licenseArn ?? '',
        one.customerIdentifier ?? '',
        one.productCode ?? '',
        dimension,
        one.fromMs === undefined ? '' : isoMs(one.fromMs),
        one.untilMs === undefined ? '' : isoMs(one.untilMs),
        cell(one.status ?? ''),
        one.sources.join('+'),
      ]);
  }
}

/** Usage needs a license or a product code. */
const isNamed = ({ licenseArn, productCode }: ListedSubscriber): boolean =>
  licenseArn !== undefined || productCode !== undefined;

const warnOfUnwritten = async (
  listed: readonly ListedSubscriber[],
  { stderr }: Pick<World, 'stderr'>,
  paint: Terminal['err'],
): Promise<void> => {
  const left = listed.filter(one => !isNamed(one)).length;
  if (left === 0) return;
  const text = `${counted(left, 'subscriber')} without a license and without a known product left out`;
  await stderr.write(warningText(text, 'table', paint));
};
