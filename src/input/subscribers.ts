import {
  parseAccount,
  parseCustomerIdentifier,
  parseDimension,
  parseLicenseArn,
  parseProductCode,
} from '../usage/fields.ts';
import { HOUR_MS, HOUR_SECONDS, startOfHour } from '../usage/hours.ts';
import { isNullText, LEAVE_EMPTY, nullValue } from '../usage/null-text.ts';
import { invalid, type Parsed, valid } from '../usage/parsed.ts';
import type { Columns, Problem, Row } from '../usage/row.ts';
import type { Subscription } from '../usage/subscription.ts';
import { parseTimestamp } from '../usage/timestamp.ts';
import { columnOf, nearest } from './column-names.ts';
import { NOTHING_TO_FILL } from './csv.ts';
import type { Header, HeaderTrouble } from './header.ts';
import { isRecord, RECORD_FIRST } from './no-header.ts';

/** The columns of a list of subscribers. */
export const SUBSCRIBER_COLUMNS = [
  'customer_aws_account_id',
  'license_arn',
  'customer_identifier',
  'product_code',
  'dimension',
  'dimensions',
  'from',
  'until',
] as const;

type SubscriberColumn = (typeof SUBSCRIBER_COLUMNS)[number];

type Known = { readonly [Name in SubscriberColumn]?: number };

/** Reads the header of a list of subscribers, with the spellings that an upload's header may have. */
export const subscriberHeader = (names: readonly string[]): Header => {
  const troubles: HeaderTrouble[] = [];
  const seen = new Map<SubscriberColumn, number>();
  if (isRecord(names, name => subscriberColumn(name) !== undefined)) {
    const help =
      'add a line above it that names each column, such as customer_aws_account_id, product_code and dimension';
    return {
      columns: { names, known: {}, tags: [] },
      troubles: [{ cell: undefined, message: RECORD_FIRST, help }],
    };
  }
  for (const [cell, name] of names.entries()) {
    const column = subscriberColumn(name);
    if (column === undefined) {
      const near = nearest(name, SUBSCRIBER_COLUMNS);
      // `form` may be anything; beside the column itself it is nothing that is missing.
      if (near === undefined || names.some(other => subscriberColumn(other) === near)) continue;
      troubles.push({
        cell,
        message: `unknown column ${JSON.stringify(name)}: did you mean ${near}?`,
        help: 'correct the name; if it is something else, give it another one',
      });
    } else if (seen.has(column)) {
      troubles.push({ cell, message: `two columns for ${column}`, help: 'rename or remove one of them' });
    } else {
      seen.set(column, cell);
    }
  }
  const cell = names.indexOf(NOTHING_TO_FILL);
  if (cell !== -1) troubles.push({ cell, ...NO_LIST });
  if (troubles.length === 0) troubles.push(...missing(seen));
  return { columns: { names, known: {}, tags: [] }, troubles };
};

/** With its rows it would be a list of gaps; without any it would hide all of them. */
const NO_LIST = {
  message: 'this is a file of gaps --zero-fill, and no list of subscribers',
  help: 'name the list with --subscribers, and the file of zeros with --zero-fill',
};

const missing = (seen: ReadonlyMap<SubscriberColumn, number>): HeaderTrouble[] => {
  const need = (...columns: SubscriberColumn[]): HeaderTrouble[] =>
    columns.some(column => seen.has(column))
      ? []
      : [
          {
            cell: undefined,
            message: `no column ${columns.join(' or ')}`,
            help: `the columns of subscribers are ${SUBSCRIBER_COLUMNS.join(', ')}`,
          },
        ];
  const both = seen.get('dimension') === undefined ? undefined : seen.get('dimensions');
  return [
    ...need('customer_aws_account_id', 'customer_identifier'),
    ...need('license_arn', 'product_code'),
    ...need('dimension', 'dimensions'),
    ...(both === undefined
      ? []
      : [
          {
            cell: both,
            message: 'a column dimension and a column dimensions',
            help: 'keep one: dimensions has several in a cell, parted by ;',
          },
        ]),
  ];
};

const subscriberColumn = (name: string): SubscriberColumn | undefined => {
  const plain = name.trim().toLowerCase();
  const word = columnOf(name.trim()) ?? plain;
  return SUBSCRIBER_COLUMNS.find(column => column === word);
};

const knownIn = ({ names }: Columns): Known => {
  const known: { [Name in SubscriberColumn]?: number } = {};
  for (const [cell, name] of names.entries()) {
    const column = subscriberColumn(name);
    if (column !== undefined) known[column] = cell;
  }
  return known;
};

export type SubscriberOptions = {
  readonly allowRoundAccounts: boolean;
  /** Accept NULL, None, NaN and the like as names. */
  readonly allowNullText: boolean;
  /** The hours that are asked about, epoch seconds. */
  readonly since: number;
  readonly until: number;
};

export type CheckedSubscriber = {
  /** One for each dimension; none of an invalid row, nor of one whose time lies outside the range. */
  readonly subscriptions: readonly Subscription[];
  readonly problems: readonly Problem[];
};

/** Checks one row and reports every problem of it. An hour of which a part is subscribed belongs to it. */
export const checkSubscriber = (row: Row, options: SubscriberOptions): CheckedSubscriber => {
  const known = knownIn(row.columns);
  const problems: Problem[] = [];
  /** Their cells have a word for a missing value. */
  const valueless = new Set<SubscriberColumn>();
  const report = (column: SubscriberColumn, message: string, help?: string): undefined => {
    const cell = known[column];
    const span = cell === undefined ? undefined : row.locate(row.raw, cell);
    const { file, line, raw } = row;
    problems.push({ file, line, severity: 'error', message, help, raw, span });
  };
  const text = (column: SubscriberColumn): string => {
    const cell = known[column];
    return cell === undefined ? '' : (row.cells[cell] ?? '');
  };
  /** An empty cell is the same as none. */
  const optional = <T>(column: SubscriberColumn, parse: (text: string) => Parsed<T>): T | undefined => {
    const cell = text(column);
    if (cell === '') return undefined;
    const result = parse(cell);
    if (result.ok) return result.value;
    if (result.missing) valueless.add(column);
    return report(column, result.message, result.help);
  };

  const identity = {
    customerAWSAccountId: optional('customer_aws_account_id', cell =>
      parseAccount(cell, { allowRound: options.allowRoundAccounts }),
    ),
    licenseArn: optional('license_arn', parseLicenseArn),
    customerIdentifier: optional('customer_identifier', cell => parseCustomerIdentifier(cell, options)),
    productCode: optional('product_code', cell => parseProductCode(cell, options)),
  };
  const has = (column: SubscriberColumn): boolean => text(column) !== '';
  const hasValue = (column: SubscriberColumn): boolean => has(column) && !valueless.has(column);
  if (!has('customer_aws_account_id') && !has('customer_identifier'))
    report('customer_aws_account_id', 'no customer', "fill in the buyer's account id");
  if (hasValue('customer_aws_account_id') && hasValue('customer_identifier'))
    report('customer_identifier', 'two customers in one row: an account id and a customer identifier');
  if (hasValue('customer_identifier') && hasValue('license_arn'))
    report('license_arn', 'a license ARN goes with an account id, not with a customer identifier');
  if (!has('license_arn') && !has('product_code'))
    report('product_code', 'neither a product code nor a license ARN', 'fill in one of them');

  const from = optional('from', parseDayOrTime);
  const until = optional('until', parseDayOrTime);
  if (from !== undefined && until !== undefined && from >= until)
    report('until', 'until is not later than from', 'leave until empty while the subscription lasts');

  const column = known.dimensions === undefined ? 'dimension' : 'dimensions';
  const names = column === 'dimension' ? [text(column)] : text(column).split(';').map(trimmed);
  const dimensions = names.flatMap(name => {
    const result = parseDimension(name, options);
    if (result.ok) return [result.value];
    report(column, result.message, result.help);
    return [];
  });
  if (problems.length > 0) return { subscriptions: [], problems };

  const hours = {
    from: Math.max(options.since, from === undefined ? options.since : startOfHour(from)),
    until: Math.min(
      options.until,
      until === undefined ? options.until : Math.ceil(until / HOUR_MS) * HOUR_SECONDS,
    ),
  };
  if (hours.from >= hours.until) return { subscriptions: [], problems };
  return { subscriptions: dimensions.map(dimension => ({ ...identity, dimension, ...hours })), problems };
};

const trimmed = (name: string): string => name.trim();

/** A date is the moment at which that day begins in UTC. */
const parseDayOrTime = (text: string): Parsed<number> => {
  if (isNullText(text)) return nullValue('this', text, LEAVE_EMPTY);
  const isDay = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text);
  const read = parseTimestamp(isDay ? `${text}T00:00:00Z` : text, { timezone: undefined });
  if (read.ok) return valid(read.value);
  return invalid(
    read.message.replace(/^timestamp/, 'this'),
    'write a date such as 2026-11-22, or a time with its zone such as 2026-11-22T10:00:00Z',
  );
};

/** Rows that say the same hours twice, for instance of two agreements, are one subscription. */
export const mergeSubscriptions = (subscriptions: readonly Subscription[]): Subscription[] => {
  const byIdentity = new Map<string, Subscription[]>();
  for (const one of subscriptions) {
    const product = one.licenseArn === undefined ? one.productCode : undefined;
    const key = JSON.stringify([
      one.customerAWSAccountId,
      one.customerIdentifier,
      one.licenseArn,
      product,
      one.dimension,
    ]);
    byIdentity.set(key, [...(byIdentity.get(key) ?? []), one]);
  }
  return [...byIdentity.values()].flatMap(merged);
};

const merged = (subscriptions: readonly Subscription[]): Subscription[] => {
  const whole: Subscription[] = [];
  for (const one of subscriptions.toSorted((a, b) => a.from - b.from)) {
    const before = whole.at(-1);
    if (before === undefined || one.from > before.until) whole.push(one);
    else {
      whole[whole.length - 1] = {
        ...before,
        productCode: before.productCode ?? one.productCode,
        until: Math.max(before.until, one.until),
      };
    }
  }
  return whole;
};
