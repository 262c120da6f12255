import type { SQLOutputValue } from 'node:sqlite';
import { isoSeconds } from '../usage/hours.ts';
import type { EventEntry, IncompleteEvent } from './finding.ts';

/** A row of the temporary database. */
type Row = Record<string, SQLOutputValue>;

const textOf = (value: SQLOutputValue | undefined): string | undefined =>
  value === null || value === undefined ? undefined : String(value);

export const sightingOf = (row: Row): EventEntry => {
  const mode = String(row['mode']);
  const customer = String(row['customer']);
  const offering = textOf(row['offering']) || undefined;
  return {
    identity: {
      timestamp: Number(row['timestamp']),
      dimension: String(row['dimension']),
      customerAWSAccountId: mode === 'customer' ? undefined : customer,
      licenseArn: mode === 'license' ? offering : undefined,
      customerIdentifier: mode === 'customer' ? customer : undefined,
      productCode: mode === 'license' ? undefined : offering,
    },
    region: String(row['region']),
    quantity: Number(row['quantity']),
    status: textOf(row['status']),
    errorCode: textOf(row['error']),
    meteringRecordId: textOf(row['metering_record_id']),
    at: Number(row['at']),
    eventId: String(row['name']),
    sender: {
      principal: textOf(row['principal']),
      address: textOf(row['address']),
      userAgent: textOf(row['agent']),
    },
  };
};

export const incompleteEventOf = (row: Row): IncompleteEvent => {
  const { name, at, region, principal, incomplete } = row;
  return {
    eventID: String(name),
    eventTime: at === null ? null : isoSeconds(Number(at)),
    region: textOf(region) ?? null,
    reason: String(incomplete),
    ...(principal !== null && { principal: String(principal) }),
  };
};
