/** What a name that a person may meet stands for. Facts are AWS's own where no other source is said. */
export type Explanation = {
  /** As it is printed where people meet it. */
  readonly name: string;
  /** Other names of the same thing. */
  readonly also?: readonly string[];
  readonly kind: Kind;
  /** One sentence. */
  readonly means: string;
  /** Why it happens, a cause each. */
  readonly why: readonly string[];
  /** What to do now; an error ends with this very text. */
  readonly next: string;
  /** Set where the same command may succeed later: what to do before, '' for nothing. `next` says both. */
  readonly before?: string;
  /** What AWS does not say, or says in two ways. Reads after `unclear:`. */
  readonly unsaid?: string;
  /** AWS's page, where there is one. */
  readonly link?: string;
};

export type Kind =
  | 'outcome'
  | 'AWS record status'
  | 'AWS metering error'
  | 'AWS common error'
  | 'network error'
  | 'ampmeter error'
  | 'exit code';

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
  actions:
    'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsmarketplacemeteringservice.html',
} as const;

/** What to do, where the same command may succeed later. */
export const runAgain = (before = '', joint = ', then '): Required<Pick<Explanation, 'next' | 'before'>> => ({
  next: `${before}${before === '' ? '' : joint}run the same command again`,
  before,
});
