import { allocationTrouble, parseAllocations, parseTag } from './allocations.ts';
import { conflictAgain } from './conflict-again.ts';
import {
  isUsualLicenseArn,
  parseAccount,
  parseCustomerIdentifier,
  parseDimension,
  parseLicenseArn,
  parseProductCode,
} from './fields.ts';
import { type EpochMs, startOfHour } from './hours.ts';
import { LIMITS } from './limits.ts';
import type { Parsed } from './parsed.ts';
import { readAmount } from './quantity.ts';
import type { Tag, UsageRecord } from './record.ts';
import { ROUND_MODES, type RoundMode } from './rounding.ts';
import type { Place, Problem, Row } from './row.ts';
import { RowCheck } from './row-check.ts';
import type { ReadTimestamp } from './timestamp.ts';
import { type NamedUsage, namesOf } from './told.ts';
import { FUTURE_TOLERANCE_MS } from './windows.ts';

export type CheckOptions = {
  /** By AWS's clock, if it is known. */
  readonly now: Date;
  /** What is wrong with the clock of `now`; added to messages about time. */
  readonly clockNote?: string | undefined;
  /** The time of the rows of a file without a timestamp column. */
  readonly timestamp: EpochMs | undefined;
  /** The same by file, for files that an earlier run started: their rows keep their time. */
  readonly pinned?: ReadonlyMap<string, EpochMs> | undefined;
  /** The product code of the rows of a file without a product_code column. */
  readonly productCode: string | undefined;
  /** Reads the timestamp column, with the zone of the run. */
  readonly readTimestamp: ReadTimestamp;
  /** How fractions are rounded; undefined: they are an error. */
  readonly round?: RoundMode | undefined;
  /** Whether what is not sent is carried to other hours: see `carry.ts`. */
  readonly carries?: boolean | undefined;
  readonly allowRoundAccounts: boolean;
  /** Accept NULL, None, NaN and the like as names. */
  readonly allowNullText: boolean;
};

/** The usage that one row reports. `merge` makes one record from the rows of one key. */
export type CheckedUsage = {
  readonly place: Place;
  readonly record: UsageRecord;
  /** From the row's `tag:` columns; undefined without any. Never together with allocations in the record. */
  readonly tags: readonly Tag[] | undefined;
};

type CheckedRow = {
  /** Undefined if a problem is an error. */
  readonly usage: CheckedUsage | undefined;
  readonly problems: readonly Problem[];
  /**
   * For an invalid row, the record it would be part of, if that can be read; its quantity has no meaning. The other rows of
   * that record must not be sent without it, because AWS would accept nothing more for the hour.
   */
  readonly incompleteRecord: UsageRecord | undefined;
  /** For an invalid row, the hour, customer and dimension that can be read. */
  readonly names: NamedUsage;
};

/**
 * Checks one row by itself and reports all its problems. The rules are those of the service model and of `limits`. That a
 * row is too late is not an error of the row; this is decided when the record is planned.
 */
export const checkRow = (row: Row, options: CheckOptions): CheckedRow => {
  const check = new RowCheck(row, options);
  const { problems } = check;
  const { known } = row.columns;

  const account = check.optional('customer_aws_account_id', readAccount);
  const licenseArn = check.optional('license_arn', parseLicenseArn);
  const customerIdentifier = check.optional('customer_identifier', parseCustomerIdentifier);

  if (check.hasValue('customer_identifier') && check.hasValue('customer_aws_account_id')) {
    check.report(
      'error',
      known.customer_identifier,
      'two customers in one row: an account id and a customer identifier',
      'AWS accepts only one of them; new products use the account id',
    );
  } else if (!check.has('customer_identifier') && !check.has('customer_aws_account_id')) {
    check.report(
      'error',
      known.customer_aws_account_id ?? known.license_arn ?? known.customer_identifier,
      'no customer',
      noCustomerHelp(row),
    );
  }
  if (check.hasValue('customer_identifier') && check.hasValue('license_arn')) {
    check.report('error', known.license_arn, 'a license ARN needs an account id, not a customer identifier');
  }
  if (licenseArn !== undefined && !isUsualLicenseArn(licenseArn)) {
    check.report('warning', known.license_arn, 'license ARN has an unusual form; it is sent unchanged');
  }

  const productCode =
    known.product_code === undefined ? options.productCode : check.optional('product_code', parseProductCode);
  if (productCode === undefined && !check.has('license_arn') && !check.has('product_code')) {
    check.report(
      'error',
      known.product_code,
      'no product code',
      known.product_code === undefined
        ? 'add a column product_code, or use --product-code to set one for all rows; for a product created since June 2026 add license_arn instead'
        : 'enter the product code',
    );
  }

  const dimension = check.accept('dimension', parseDimension(check.text('dimension') ?? '', options));
  const amount = check.accept(
    'quantity',
    conflictAgain(row) ??
      readAmount(check.text('quantity') ?? '', options.round, ROUND_MODES, row.columns.pointIsUnclear),
  );

  const at =
    known.timestamp === undefined && options.timestamp !== undefined
      ? (options.pinned?.get(row.file) ?? options.timestamp)
      : check.accept('timestamp', options.readTimestamp(check.text('timestamp') ?? ''));
  if (at !== undefined && at > options.now.getTime() + FUTURE_TOLERANCE_MS) {
    const note = options.clockNote === undefined ? '' : `; ${options.clockNote}`;
    check.report(
      'error',
      known.timestamp,
      'timestamp is in the future',
      `report usage after it has happened${note}`,
    );
  }

  const tags: Tag[] = [];
  for (const column of row.columns.tags) {
    const value = row.cells[column.index] ?? '';
    if (value === '') continue;
    const tag = parseTag(column.key, value, options);
    if (tag.ok) tags.push(tag.value);
    else check.report('error', column.index, tag.message, tag.help);
  }
  if (tags.length > LIMITS.tagsPerAllocation.max) {
    check.report(
      'error',
      row.columns.tags[0]?.index,
      `${tags.length} tags in one row; AWS accepts at most ${LIMITS.tagsPerAllocation.max}`,
    );
  }

  const usageAllocations = check.optional('usage_allocations', parseAllocations);
  if (usageAllocations !== undefined && tags.length > 0) {
    check.report(
      'error',
      known.usage_allocations,
      'usage allocations and tag columns in one row',
      'use only one of them',
    );
  } else if (usageAllocations !== undefined && amount !== undefined) {
    const fault =
      amount.used === undefined
        ? allocationTrouble(usageAllocations, amount.quantity)
        : `the allocations are whole units, the quantity is ${amount.used}`;
    const help = amount.used === undefined ? undefined : 'use columns tag:<Key> for the parts of a fraction';
    if (fault !== undefined) check.report('error', known.usage_allocations, fault, help);
  }

  if (problems.length > 1) problems.sort((a, b) => (a.span?.column ?? 0) - (b.span?.column ?? 0));
  const isInvalid = problems.some(problem => problem.severity === 'error');
  const hasPayer = (account ?? customerIdentifier) !== undefined && (licenseArn ?? productCode) !== undefined;
  const hour = at === undefined ? undefined : startOfHour(at);
  if (dimension === undefined || hour === undefined || !hasPayer) {
    const names = { hour, customer: account ?? customerIdentifier, dimension };
    return { usage: undefined, problems, incompleteRecord: undefined, names };
  }
  const sent: UsageRecord = {
    timestamp: hour,
    dimension,
    quantity: amount?.quantity ?? 0,
    customerAWSAccountId: account,
    licenseArn,
    customerIdentifier,
    productCode,
    usageAllocations,
  };
  // A copy of each record would be noticed, and most have no fraction.
  const used = amount?.used;
  const exact: UsageRecord = used === undefined ? sent : { ...sent, used };
  const record: UsageRecord = options.carries ? { ...exact, carriedIn: '0' } : exact;
  const names = isInvalid ? namesOf(record) : NO_NAMES;
  if (isInvalid) return { usage: undefined, problems, incompleteRecord: record, names };
  const place = { file: row.file, line: row.line };
  return {
    usage: { place, record, tags: tags.length === 0 ? undefined : tags },
    problems,
    incompleteRecord: undefined,
    names,
  };
};

const NO_NAMES: NamedUsage = {};

const readAccount = (text: string, { allowRoundAccounts }: CheckOptions): Parsed<string> =>
  parseAccount(text, { allowRound: allowRoundAccounts });

const noCustomerHelp = (row: Row): string => {
  const { known } = row.columns;
  if (known.customer_aws_account_id === undefined && known.customer_identifier === undefined) {
    return 'add a column customer_aws_account_id (or customer_identifier for old integrations)';
  }
  if (known.customer_aws_account_id === undefined) return 'enter the customer identifier';
  return known.license_arn === undefined
    ? 'enter the account id'
    : 'a license ARN needs the account id of its buyer';
};
