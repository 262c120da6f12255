import type { PlannedRecord } from '../usage/outcome.ts';
import { sentProductCode } from '../usage/record.ts';
import { type Inputs, wireRecord } from '../usage/wire.ts';

/** The request that carries these records: one product, one identity mode. */
export const requestOf = (records: readonly PlannedRecord[]): Inputs['BatchMeterUsage'] => {
  const first = records[0]?.record;
  const productCode = first === undefined ? undefined : sentProductCode(first);
  return {
    ...(productCode !== undefined && { ProductCode: productCode }),
    UsageRecords: records.map(({ record }) => wireRecord(record)),
  };
};
