/**
 * The limits of the metering service, once, for the checks, the client and the emulator.
 * Source: the service model (botocore 1.43.107, `meteringmarketplace/2016-01-14`) and, where noted, the guides.
 */
export const LIMITS = {
  /** UsageRecords in one BatchMeterUsage request. */
  recordsPerRequest: 25,
  /** A request must be "less than 1 MB" of JSON text; AWS does not say which megabyte, so this is the smaller. */
  requestBytes: 1_000_000,
  /** Quantity, UsageQuantity and AllocatedUsageQuantity. */
  quantity: { min: 0, max: 2_147_483_647 },
  /** The model allows 0 to 255 characters; an empty code is the same as none. */
  productCode: { maxLength: 255, pattern: /^[-a-zA-Z0-9/=:_.@]*$/ },
  dimension: { minLength: 1, maxLength: 255 },
  customerIdentifier: { maxLength: 255 },
  /** The model accepts any number of digits; an AWS account id has exactly twelve, and the checks insist on that. */
  customerAWSAccountId: { minLength: 1, maxLength: 255, pattern: /^[0-9]+$/, digits: 12 },
  licenseArn: {
    pattern:
      /^arn:aws[a-zA-Z-]*:[A-Za-z0-9][A-Za-z0-9_/.-]{0,62}:[A-Za-z0-9_/.-]{0,63}:[A-Za-z0-9_/.-]{0,63}:[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]{0,1023}$/,
  },
  allocationsPerRecord: { min: 1, max: 2500 },
  tagsPerAllocation: { min: 1, max: 5 },
  /** Seller Guide: "maximum tags across the UsageAllocation list"; read as distinct keys. */
  tagKeysPerRecord: 5,
  /**
   * `pattern` is the model's, in which ` -=` is a range (space to `=`) and admits more than the prose.
   * `strict` is what both admit, and the checks insist on it: the prose also shows a backslash, the pattern has none.
   */
  tagKey: {
    minLength: 1,
    maxLength: 100,
    pattern: /^[a-zA-Z0-9+ -=._:/@]+$/,
    strict: /^[a-zA-Z0-9+\-=._:/@ ]+$/,
  },
  tagValue: {
    minLength: 1,
    maxLength: 256,
    pattern: /^[a-zA-Z0-9+ -=._:/@]+$/,
    strict: /^[a-zA-Z0-9+\-=._:/@ ]+$/,
  },
  clientToken: { minLength: 1, maxLength: 64 },
  nonce: { maxLength: 255 },
  publicKeyVersion: { min: 1 },
  /** Published quotas, requests a second for each account and Region; none is published for ResolveCustomer. */
  requestsPerSecond: { BatchMeterUsage: 10, MeterUsage: 10, RegisterUsage: 5 },
} as const;
