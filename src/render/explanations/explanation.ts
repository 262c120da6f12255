/** The meaning of a name that people see. Facts are AWS's own unless another source is named. */
export type Explanation = {
  /** As it is printed. */
  readonly name: string;
  /** Other names of the same thing. */
  readonly also?: readonly string[];
  readonly kind: ExplanationKind;
  /** One sentence. */
  readonly means: string;
  /** One cause each. */
  readonly why: readonly string[];
  /** What to do now; an error ends with this text. */
  readonly next: string;
  /** Only where the same command may succeed later: what to do before that, '' for nothing. `next` includes it. */
  readonly before?: string;
  /** What AWS does not document, or documents in two ways. Printed after `unclear:`. */
  readonly unsaid?: string;
  /** The page in AWS's documentation, if there is one. */
  readonly link?: string;
};

export type ExplanationKind =
  | 'outcome'
  | 'AWS record status'
  | 'AWS metering error'
  | 'AWS common error'
  | 'network error'
  | 'ampmeter error'
  | 'difference'
  | 'reconcile result'
  | 'hour'
  | 'ledger state'
  | 'check result'
  | 'AWS agreement status'
  | 'exit code';

/** Explanations of one kind. */
export const ofKind = (
  kind: ExplanationKind,
  explanations: readonly Omit<Explanation, 'kind'>[],
): Explanation[] =>
  explanations.map(({ name, also, ...rest }) => ({ name, ...(also && { also }), kind, ...rest }));

const REFERENCE = 'https://docs.aws.amazon.com/marketplace/latest/APIReference';

/** Pages of AWS's documentation. */
export const PAGES = {
  batchMeterUsage: `${REFERENCE}/API_marketplace-metering_BatchMeterUsage.html`,
  meterUsage: `${REFERENCE}/API_marketplace-metering_MeterUsage.html`,
  registerUsage: `${REFERENCE}/API_marketplace-metering_RegisterUsage.html`,
  resolveCustomer: `${REFERENCE}/API_marketplace-metering_ResolveCustomer.html`,
  usageRecordResult: `${REFERENCE}/API_marketplace-metering_UsageRecordResult.html`,
  commonErrors: `${REFERENCE}/CommonErrors.html`,
  quotas: `${REFERENCE}/metering-service-quotas.html`,
  regions: `${REFERENCE}/metering-regions.html`,
  agreements: `${REFERENCE}/API_marketplace-agreements_SearchAgreements.html`,
  catalog: `${REFERENCE}/API_marketplace-catalog_DescribeEntity.html`,
  actions:
    'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsmarketplacemeteringservice.html',
} as const;

/** For errors after which the same command may succeed. */
export const runAgain = (
  before = '',
  separator = ', then ',
): Required<Pick<Explanation, 'next' | 'before'>> => ({
  next: `${before}${before === '' ? '' : separator}run the same command again`,
  before,
});
