import {
  parseAccount,
  parseCustomerIdentifier,
  parseDimension,
  parseLicenseArn,
  parseProductCode,
} from '../usage/fields.ts';
import { type EpochMs, type EpochSeconds, HOUR_MS, HOUR_SECONDS, startOfHour } from '../usage/hours.ts';
import { joinKey } from '../usage/key.ts';
import { isNullText, LEAVE_EMPTY, nullValue } from '../usage/null-text.ts';
import { invalid, type Parsed, valid } from '../usage/parsed.ts';
import type { Problem, Row } from '../usage/row.ts';
import { parseTimestamp } from '../usage/timestamp.ts';
import type { Subscription } from '../usage/unbilled-hours.ts';
import { type SubscriberColumn, subscriberCells } from './subscriber-header.ts';

export type SubscriberOptions = {
  readonly allowRoundAccounts: boolean;
  /** Accept NULL, None, NaN and the like as names. */
  readonly allowNullText: boolean;
  /** The hours to check. */
  readonly since: EpochSeconds;
  readonly until: EpochSeconds;
};

export type CheckedSubscriber = {
  /** One for each dimension; none for an invalid row, or for one outside the range. */
  readonly subscriptions: readonly Subscription[];
  /** As the row has them. */
  readonly fromMs: EpochMs | undefined;
  readonly untilMs: EpochMs | undefined;
  readonly problems: readonly Problem[];
};

/** Checks one row and reports all its problems. An hour that is only partly subscribed counts. */
export const checkSubscriber = (row: Row, options: SubscriberOptions): CheckedSubscriber => {
  const known = subscriberCells(row.columns);
  const problems: Problem[] = [];
  /** Columns whose cell has a word for a missing value. */
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
  /** An empty cell means no value. */
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
    report('customer_aws_account_id', 'no customer', "enter the buyer's account id");
  if (hasValue('customer_aws_account_id') && hasValue('customer_identifier'))
    report('customer_identifier', 'two customers in one row: an account id and a customer identifier');
  if (hasValue('customer_identifier') && hasValue('license_arn'))
    report('license_arn', 'a license ARN needs an account id, not a customer identifier');
  if (!has('license_arn') && !has('product_code'))
    report('product_code', 'neither a product code nor a license ARN', 'enter one of them');

  const from = optional('from', parseDayOrTime);
  const until = optional('until', parseDayOrTime);
  if (from !== undefined && until !== undefined && from >= until)
    report('until', 'until is not later than from', 'leave until empty while the subscription is active');

  const column = known.dimensions === undefined ? 'dimension' : 'dimensions';
  const names = column === 'dimension' ? [text(column)] : text(column).split(';').map(trimmed);
  const dimensions = names.flatMap(name => {
    const result = parseDimension(name, options);
    if (result.ok) return [result.value];
    report(column, result.message, result.help);
    return [];
  });
  const facts = { fromMs: from, untilMs: until, problems };
  if (problems.length > 0) return { subscriptions: [], ...facts };

  const hours = {
    from: Math.max(options.since, from === undefined ? options.since : startOfHour(from)),
    until: Math.min(
      options.until,
      until === undefined ? options.until : Math.ceil(until / HOUR_MS) * HOUR_SECONDS,
    ),
  };
  if (hours.from >= hours.until) return { subscriptions: [], ...facts };
  return { subscriptions: dimensions.map(dimension => ({ ...identity, dimension, ...hours })), ...facts };
};

const trimmed = (name: string): string => name.trim();

/** A date is the start of that day in UTC. */
const parseDayOrTime = (text: string): Parsed<EpochMs> => {
  if (isNullText(text)) return nullValue('this', text, LEAVE_EMPTY);
  const isDay = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text);
  const read = parseTimestamp(isDay ? `${text}T00:00:00Z` : text, { timezone: undefined });
  if (read.ok) return valid(read.value);
  return invalid(
    read.predicate === undefined ? read.message : `this ${read.predicate}`,
    'write a date (2026-11-22), or a time with its zone (2026-11-22T10:00:00Z)',
  );
};

/** Joins rows whose hours overlap, for example two agreements, into one subscription. */
export const mergeSubscriptions = (subscriptions: readonly Subscription[]): Subscription[] => {
  const byIdentity = new Map<string, Subscription[]>();
  for (const one of subscriptions) {
    const product = one.licenseArn === undefined ? one.productCode : undefined;
    const key = joinKey(
      one.customerAWSAccountId ?? '',
      one.customerIdentifier ?? '',
      one.licenseArn ?? '',
      product ?? '',
      one.dimension,
    );
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
