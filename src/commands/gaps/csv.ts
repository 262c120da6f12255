import { safeLine } from '../../files/csv-writer.ts';
import { decimalText } from '../../usage/decimal.ts';
import { isoMs, isoSeconds } from '../../usage/hours.ts';
import { isBillable, type Unbilled } from '../../usage/unbilled-hours.ts';
import { type GapScan, isGap } from './scan.ts';

/** A line for each hour, with the members of `-o jsonl`. Cells that a spreadsheet would run are made safe. */
export function* gapsCsv(
  hours: Iterable<Unbilled>,
  { billabilityOf, questionOf, valueOfGap }: Pick<GapScan, 'billabilityOf' | 'questionOf' | 'valueOfGap'>,
): Generator<string> {
  yield safeLine([
    'type',
    'timestamp',
    'customer_aws_account_id',
    'license_arn',
    'customer_identifier',
    'product_code',
    'dimension',
    'deadline',
    'billable',
    'status',
    'question',
    ...(valueOfGap === undefined ? [] : ['estimated_value', 'currency']),
  ]);
  for (const hour of hours) {
    const { subscription, timestamp, status } = hour;
    const { deadlineMs, isOpen } = billabilityOf(hour);
    const value = isGap(hour) ? valueOfGap?.(hour) : undefined;
    yield safeLine([
      isGap(hour) ? 'gap' : 'perhapsBilled',
      isoSeconds(timestamp),
      subscription.customerAWSAccountId,
      subscription.licenseArn,
      subscription.customerIdentifier,
      subscription.productCode,
      subscription.dimension,
      isoMs(deadlineMs),
      String(isBillable({ status }, isOpen)),
      status,
      isGap(hour) ? questionOf(hour) : undefined,
      ...(valueOfGap === undefined ? [] : [value && decimalText(value.amount), value?.currency]),
    ]);
  }
}
