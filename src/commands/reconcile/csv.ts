import type { FoundRecord } from '../../cloudtrail/finding.ts';
import { safeLine } from '../../files/csv-writer.ts';

/** Both sides in one line. Cells that a spreadsheet would run are made safe. */
export function* reconciliationCsv(records: Iterable<FoundRecord>): Generator<string> {
  yield safeLine([
    'result',
    'timestamp',
    'customer_aws_account_id',
    'license_arn',
    'customer_identifier',
    'product_code',
    'dimension',
    'ledger_quantity',
    'ledger_status',
    'ledger_metering_record_id',
    'ledger_region',
    'ledger_run',
    'ledger_file',
    'ledger_line',
    'cloudtrail_quantity',
    'cloudtrail_status',
    'cloudtrail_error_code',
    'cloudtrail_metering_record_id',
    'cloudtrail_region',
    'event_time',
    'event_id',
    'principal',
    'source_ip_address',
    'user_agent',
    'note',
  ]);
  for (const found of records) {
    const { ledger, cloudTrail } = found;
    // Double billing has a line for each event, so that each can be looked up.
    const sides =
      found.kind === 'billed-twice' && cloudTrail.length > 0 ? cloudTrail : cloudTrail.slice(0, 1);
    for (const side of sides.length === 0 ? [undefined] : sides) {
      yield safeLine([
        found.kind,
        found.Timestamp,
        found.CustomerAWSAccountId,
        found.LicenseArn,
        found.CustomerIdentifier,
        found.ProductCode,
        found.Dimension,
        ledger?.Quantity,
        ledger?.status,
        ledger?.MeteringRecordId,
        ledger?.region,
        ledger?.run,
        ledger?.file,
        ledger?.line,
        side?.Quantity,
        side?.Status,
        side?.errorCode,
        side?.MeteringRecordId,
        side?.region,
        side?.eventTime,
        side?.eventID,
        side?.principal,
        side?.sourceIPAddress,
        side?.userAgent,
        found.note,
      ]);
    }
  }
}
