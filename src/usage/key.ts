import { identityMode, type UsageRecord } from './record.ts';

/** The characters of a key's parts are checked before; this one cannot occur in any of them. */
const SEPARATOR = '\u001f';

type Keyed = Pick<
  UsageRecord,
  'licenseArn' | 'customerAWSAccountId' | 'customerIdentifier' | 'productCode' | 'dimension' | 'timestamp'
>;

/**
 * What AWS recognises a record by: identity, dimension, UTC hour. The first quantity for a key is billed for ever.
 * The timestamp must be the start of its hour. Source: Seller Guide, metering-for-usage.
 */
export const keyOf = (record: Keyed): string => {
  const mode = identityMode(record);
  const offering = mode === 'licence' ? record.licenseArn : (record.productCode ?? '');
  const customer = record.customerAWSAccountId ?? record.customerIdentifier ?? '';
  return `${mode}${SEPARATOR}${offering}${SEPARATOR}${customer}${SEPARATOR}${record.dimension}${SEPARATOR}${record.timestamp}`;
};

/**
 * The same usage by whatever product code or licence it is reported. AWS does not compare the two: what shares this
 * key and is in licence mode once and in account mode once is billed twice (BatchMeterUsageRequest.ProductCode in the
 * service model). Undefined for a customer identifier, which no account id can be compared with.
 */
export const usageKeyOf = (record: Keyed): string | undefined =>
  record.customerAWSAccountId === undefined
    ? undefined
    : [record.customerAWSAccountId, record.dimension, record.timestamp].join(SEPARATOR);
