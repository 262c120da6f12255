import { type RecordValues, recordValue } from '../../cli/record-values.ts';
import { safeLine } from '../../files/csv-writer.ts';
import type { KnownRecord } from '../../ledger/known-record.ts';
import type { RunSummary } from '../../ledger/queries/runs.ts';
import type { GroupBy, TotalsGroup } from '../../ledger/queries/totals.ts';
import { keyText } from '../../render/text/totals.ts';
import { apiAllocations } from '../../usage/allocations.ts';
import { type Decimal, decimalText } from '../../usage/decimal.ts';
import { isoMs, isoSeconds } from '../../usage/hours.ts';
import { type PriceOf, sortedAmounts } from '../../usage/money.ts';
import { STATUSES } from '../../usage/outcome.ts';
import { usedText } from '../../usage/record.ts';
import { COLUMN_NAMES, type ColumnName } from '../../usage/row.ts';

/**
 * Records in the columns of an upload's input, followed by their outcomes. Cells that a spreadsheet would run as a formula
 * are escaped. The file can still be submitted again: no name at AWS starts like a formula, and a name with our
 * apostrophe is rejected.
 */
export function* recordsCsv(records: Iterable<KnownRecord>, priceOf?: PriceOf): Generator<string> {
  const outcomeColumns = [
    'status',
    'metering_record_id',
    'reason',
    'run',
    'settled',
    'region',
    'endpoint',
    'file',
    'line',
    'carried_in',
    'sent',
    'used_when_sent',
    'sent_by',
    ...(priceOf === undefined ? [] : ['estimated_value', 'currency']),
  ];
  yield safeLine([...COLUMN_NAMES, ...outcomeColumns]);
  for (const known of records) {
    const { record, outcome, run, settledAt, region, endpoint, place, usedWhenSent, sentBy } = known;
    const value = priceOf && recordValue(known, priceOf);
    const input: Record<ColumnName, string | number> = {
      timestamp: isoSeconds(record.timestamp),
      customer_aws_account_id: record.customerAWSAccountId ?? '',
      license_arn: record.licenseArn ?? '',
      customer_identifier: record.customerIdentifier ?? '',
      product_code: record.productCode ?? '',
      dimension: record.dimension,
      quantity: usedText(record),
      usage_allocations:
        record.usageAllocations === undefined ? '' : JSON.stringify(apiAllocations(record.usageAllocations)),
    };
    const outcomeCells = [
      outcome.status,
      outcome.meteringRecordId,
      outcome.reason,
      run,
      settledAt === undefined ? '' : isoMs(settledAt),
      region,
      endpoint,
      place.file,
      place.line,
      record.carriedIn,
      record.quantity,
      usedWhenSent,
      sentBy,
      ...(priceOf === undefined ? [] : [value && decimalText(value.amount), value?.currency]),
    ];
    yield safeLine([...COLUMN_NAMES.map(name => input[name]), ...outcomeCells]);
  }
}

export function* groupsCsv(
  groups: Iterable<TotalsGroup>,
  by: GroupBy,
  values?: RecordValues,
): Generator<string> {
  const key = by === 'dimension' || by === 'product' ? [] : [by];
  yield safeLine([
    ...key,
    'product_code',
    'dimension',
    'records',
    'quantity',
    'billed_quantity',
    ...STATUS_COLUMNS,
    'used',
    'balance',
    ...(values === undefined ? [] : ['estimated_value', 'currency']),
  ]);
  for (const group of groups) {
    const { productCode = '', dimension, records, quantity, billed, used, balance, counts } = group;
    const texts = [...key.map(() => keyText(group, by)), productCode, dimension];
    const numbers = [records, quantity, billed, ...STATUSES.map(status => counts[status] ?? 0)];
    const exact = [decimalText(used), balance === undefined ? '' : decimalText(balance)];
    const estimate = values === undefined ? [] : amountCells(values.ofGroup(group));
    yield safeLine([...texts, ...numbers, ...exact, ...estimate]);
  }
}

/** Amounts of several currencies are never added together: the cells then have one of each, in the same order. */
const amountCells = (amounts: ReadonlyMap<string, Decimal>): [string, string] => {
  const sorted = sortedAmounts(amounts);
  return [
    sorted.map(([, amount]) => decimalText(amount)).join(';'),
    sorted.map(([currency]) => currency).join(';'),
  ];
};

export function* runsCsv(runs: Iterable<RunSummary>): Generator<string> {
  yield safeLine([
    'run',
    'command',
    'files',
    'started',
    'ended',
    'seconds',
    'exit_code',
    'records',
    'requests',
    ...STATUS_COLUMNS,
    'version',
    'region',
    'endpoint',
  ]);
  for (const run of runs) {
    yield safeLine([
      run.run,
      run.command,
      run.files.join(' '),
      run.started,
      run.ended,
      run.seconds,
      run.exitCode,
      run.records,
      run.requests,
      ...STATUSES.map(status => (run.counts === undefined ? undefined : (run.counts[status] ?? 0))),
      run.version,
      run.region,
      run.endpoint,
    ]);
  }
}

const STATUS_COLUMNS = STATUSES.map(status => status.replaceAll('-', '_'));
