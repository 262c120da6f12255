import { type Keyed, keyText } from '../usage/key.ts';
import type { ReadEntry } from './read-records.ts';

/** What the ledger knows that decides how an ambiguous entry is read. */
export type LedgerLookup = {
  /** Whether it has any record of this customer, named in this way. */
  readonly customer: (identity: Keyed, region: string) => boolean;
  /** Its records of this customer, dimension and hour. */
  readonly records: (
    identity: Keyed,
    region: string,
  ) => readonly { readonly identity: Keyed; readonly meteringRecordId: string | undefined }[];
};

/** Whether an entry names its customer twice, or lacks its product code. */
export const isAmbiguous = ({ identity, lacksProduct }: ReadEntry): boolean =>
  lacksProduct ||
  (identity.licenseArn === undefined &&
    identity.customerAWSAccountId !== undefined &&
    identity.customerIdentifier !== undefined);

/**
 * The record that an ambiguous entry is about. If it names its customer twice, that is the ledger's record, or else the
 * one of the account. If it lacks its product, it is the ledger's record with the same id, or undefined.
 */
export const resolveEntry = (entry: ReadEntry, region: string, ledger: LedgerLookup): Keyed | undefined =>
  entry.lacksProduct ? byId(entry, region, ledger) : byCustomer(entry, region, ledger);

const byId = ({ identity, meteringRecordId }: ReadEntry, region: string, ledger: LedgerLookup) =>
  readingsOf(identity)
    .flatMap(reading => ledger.records(reading, region))
    .find(known => known.meteringRecordId !== undefined && known.meteringRecordId === meteringRecordId)
    ?.identity;

/** Most sellers name all their customers in one way, and no record has to be looked up. */
const byCustomer = ({ identity }: ReadEntry, region: string, ledger: LedgerLookup): Keyed | undefined => {
  const readings = readingsOf(identity);
  const likely = readings.filter(reading => ledger.customer(reading, region));
  if (likely.length === 1) return likely[0];
  const found = likely.find(reading =>
    ledger.records(reading, region).some(known => keyText(known.identity) === keyText(reading)),
  );
  return found ?? readings.at(-1);
};

/** The ways in which an entry may name its customer, the account last. */
const readingsOf = ({ customerAWSAccountId, customerIdentifier, ...rest }: Keyed): Keyed[] => [
  ...(customerIdentifier === undefined
    ? []
    : [{ ...rest, customerIdentifier, customerAWSAccountId: undefined }]),
  ...(customerAWSAccountId === undefined
    ? []
    : [{ ...rest, customerAWSAccountId, customerIdentifier: undefined }]),
];
