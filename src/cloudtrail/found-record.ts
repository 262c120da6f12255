import { isoSeconds } from '../usage/hours.ts';
import type { CloudTrailSide, EventEntry, Finding, FoundRecord, LedgerEntry, LedgerSide } from './finding.ts';

/** A finding in the form of the JSON document: names as the service and CloudTrail have them. */
export const foundRecord = ({ kind, identity, entry, events, note }: Finding): FoundRecord => ({
  kind,
  Timestamp: isoSeconds(identity.timestamp),
  Dimension: identity.dimension,
  ...(identity.customerAWSAccountId !== undefined && { CustomerAWSAccountId: identity.customerAWSAccountId }),
  ...(identity.licenseArn !== undefined && { LicenseArn: identity.licenseArn }),
  ...(identity.customerIdentifier !== undefined && { CustomerIdentifier: identity.customerIdentifier }),
  ...(identity.productCode !== undefined && { ProductCode: identity.productCode }),
  ledger: entry === undefined ? null : ledgerSide(entry),
  cloudTrail: events.slice(0, SIGHTINGS).map(cloudTrailSide),
  ...(note !== undefined && { note }),
});

/** A record that was sent again and again shows so often at most. */
const SIGHTINGS = 10;

const ledgerSide = ({ record, outcome, region, run, place }: LedgerEntry): LedgerSide => ({
  status: outcome.status,
  Quantity: record.quantity,
  ...(outcome.meteringRecordId !== undefined && { MeteringRecordId: outcome.meteringRecordId }),
  region,
  run,
  file: place.file,
  line: place.line,
});

const cloudTrailSide = (sighting: EventEntry): CloudTrailSide => {
  const { status, errorCode, quantity, meteringRecordId, region, at, eventId, sender } = sighting;
  return {
    ...(status !== undefined && { Status: status }),
    ...(errorCode !== undefined && { errorCode }),
    Quantity: quantity,
    ...(meteringRecordId !== undefined && { MeteringRecordId: meteringRecordId }),
    region,
    eventTime: isoSeconds(at),
    eventID: eventId,
    ...(sender.principal !== undefined && { principal: sender.principal }),
    ...(sender.address !== undefined && { sourceIPAddress: sender.address }),
    ...(sender.userAgent !== undefined && { userAgent: sender.userAgent }),
  };
};
