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
import { noticeText, type Terminal, warningText } from '../../render/text/terminal.ts';
import { type EpochMs, isoMs } from '../../usage/hours.ts';
import { isNullText } from '../../usage/null-text.ts';
import type { World } from '../../world.ts';
import type { SubscribersOptions } from './options.ts';

/** Until when usage from before the end is accepted; undefined: the agreement has not ended, or too long ago. */
export const deadlineOf = ({ untilMs }: ListedSubscriber, now: EpochMs): EpochMs | undefined =>
  untilMs !== undefined && untilMs <= now && now < untilMs + LAST_HOUR_MS
    ? untilMs + LAST_HOUR_MS
    : undefined;

/** A longer table is hard to read. */
const MAX_TABLE_ROWS = 100;

export type SubscriberList = {
  /** Each call reads the list again. */
  readonly listed: () => IteratorObject<ListedSubscriber>;
  readonly summary: SubscribersSummary;
  readonly now: EpochMs;
};

export const writeSubscribers = async (
  { listed, summary, now }: SubscriberList,
  { output }: Pick<SubscribersOptions, 'output'>,
  world: World,
  terminal: Terminal,
): Promise<void> => {
  const members = () => listed().map(one => subscriberMembers(one, deadlineOf(one, now)));
  switch (output) {
    case 'json':
      await writeAll(jsonDocument({ subscribers: members(), summary: () => summary }), world);
      break;
    case 'jsonl':
      await writeAll(jsonLines('subscriber', members()), world);
      await writeAll(jsonLines('summary', [summary]), world);
      break;
    case 'csv':
      await writeAll(subscriberCsv(listed()), world);
      await writeCsvNotes(listed, world, terminal.err);
      break;
    case 'table': {
      const { width, out: paint, symbols } = terminal;
      const rows = listed()
        .take(MAX_TABLE_ROWS)
        .map(one => [one, deadlineOf(one, now)] as const)
        .toArray();
      if (rows.length > 0) await world.stdout.write(subscribersTable(rows, { width, paint, symbols }));
      const rest = summary.subscribers - rows.length;
      if (rest > 0)
        await world.stderr.write(
          `${symbols.cut} ${counted(rest, 'subscriber')} not listed; -o csv and -o jsonl list all\n`,
        );
      await world.stderr.write(subscribersSummaryText(summary, terminal.errWidth));
      break;
    }
    default:
      output satisfies never;
  }
};

/** `gaps --subscribers` reads it, so the cells that it needs are never changed. */
function* subscriberCsv(listed: IteratorObject<ListedSubscriber>): Generator<string> {
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

/** What the file does not have, and what `gaps --subscribers` needs to read it. */
const writeCsvNotes = async (
  listed: () => IteratorObject<ListedSubscriber>,
  { stderr }: Pick<World, 'stderr'>,
  paint: Terminal['err'],
): Promise<void> => {
  let left = 0;
  const flags = new Set<string>();
  for (const one of listed()) {
    if (!isNamed(one)) left += 1;
    else if (one.dimensions.length > 0) for (const flag of allowancesFor(one)) flags.add(flag);
  }
  if (left > 0) {
    const text = `${counted(left, 'subscriber')} without a license and without a known product left out`;
    await stderr.write(warningText(text, 'table', paint));
  }
  if (flags.size > 0) {
    const text = `to read this list, ampmeter gaps --subscribers needs ${[...flags].sort().join(' and ')}`;
    await stderr.write(noticeText(text, 'table', paint));
  }
};

/** The flags with which `gaps` accepts values that look like mistakes of a spreadsheet. */
const allowancesFor = ({ account, ...one }: ListedSubscriber): string[] => [
  ...(account?.endsWith('000000') === true ? ['--allow-round-accounts'] : []),
  ...([one.customerIdentifier, one.productCode, ...one.dimensions].some(
    name => name !== undefined && isNullText(name),
  )
    ? ['--allow-null-text']
    : []),
];
