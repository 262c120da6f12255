/** A point on which AWS's sources disagree or are silent, and the ways in which the service may be read. */
type Behaviour = {
  readonly name: string;
  /** What is asked, in a few words, for the manual. */
  readonly about: string;
  /** The first is the default. */
  readonly readings: readonly [Reading, Reading, ...Reading[]];
};

export type Reading = {
  readonly reading: string;
  /** What the emulator does then, for the manual. */
  readonly says: string;
  /** Who says so; `silent` where nobody does and it is one of the ways left open. */
  readonly source: string;
};

/**
 * What `--behaviour NAME=READING` can choose. A row is all there is to add: the type, the flag, its errors and the help
 * follow from it, and a test fails until the row has its cases.
 */
export const BEHAVIOURS = [
  {
    name: 'identical-resend',
    about: 'a record of BatchMeterUsage that is billed already, sent again as it was',
    readings: [
      {
        reading: 'success',
        says: 'Success',
        source: 'API reference, UsageRecordResult: DuplicateRecord has "a different quantity"',
      },
      { reading: 'duplicate', says: 'DuplicateRecord', source: "AWS's agent skill, test plan" },
    ],
  },
  {
    name: 'identical-resend-id',
    about: 'the MeteringRecordId of such a Success',
    readings: [
      { reading: 'same', says: 'the one of the first time', source: 'silent; as MeterUsage documents it' },
      { reading: 'new', says: 'another each time', source: 'silent; as moto does' },
    ],
  },
  {
    name: 'result-id',
    about: 'MeteringRecordId in results other than Success',
    readings: [
      { reading: 'absent', says: 'there is none', source: 'service model: the member is optional' },
      { reading: 'present', says: 'a new one', source: 'silent; as moto does' },
    ],
  },
  {
    name: 'dedup-time',
    about: 'the time by which a record of BatchMeterUsage is recognised',
    readings: [
      { reading: 'hour', says: 'its UTC hour', source: 'Seller Guide, metering-for-usage' },
      {
        reading: 'exact',
        says: 'its very timestamp',
        source: 'API reference, UsageRecordResult: "time"; so read by moto',
      },
    ],
  },
  {
    name: 'dedup-region',
    about: 'where a record of BatchMeterUsage is recognised',
    readings: [
      { reading: 'each', says: 'each Region has its own records', source: "AWS's agent skill" },
      { reading: 'all', says: 'in all Regions alike', source: 'API reference: silent' },
    ],
  },
  {
    name: 'dedup-allocations',
    about: 'the same quantity again with other allocations',
    readings: [
      { reading: 'compared', says: 'another record', source: 'API reference: "identical" requests' },
      {
        reading: 'ignored',
        says: 'the same record',
        source: 'API reference, UsageRecordResult: only the quantity is named',
      },
    ],
  },
  {
    name: 'in-request-conflict',
    about: 'two quantities for one customer, dimension and hour in one request',
    readings: [
      { reading: 'first-wins', says: 'the second is DuplicateRecord', source: 'silent; as across requests' },
      { reading: 'last-wins', says: 'the first is DuplicateRecord', source: 'silent' },
      { reading: 'refused', says: 'ValidationException for the whole request', source: 'silent' },
    ],
  },
  {
    name: 'in-request-repeat',
    about: 'the same record twice in one request',
    readings: [
      { reading: 'as-resend', says: 'as if it came later', source: 'silent; as across requests' },
      { reading: 'refused', says: 'ValidationException for the whole request', source: 'silent' },
    ],
  },
  {
    name: 'echoed-identity',
    about: 'the identity in the Results of BatchMeterUsage',
    readings: [
      {
        reading: 'sent',
        says: 'the members that were sent',
        source: "AWS's Sovereign Cloud sample, captured",
      },
      {
        reading: 'both',
        says: 'CustomerIdentifier and CustomerAWSAccountId, except beside a licence',
        source: 'Seller Guide, saas-code-examples; CloudTrail example',
      },
    ],
  },
  {
    name: 'batch-window',
    about: 'how old usage may be in BatchMeterUsage',
    readings: [
      {
        reading: '24h',
        says: '24 hours, and the month before until 06:00 UTC on the 1st',
        source: 'API reference since July 2026',
      },
      {
        reading: '24h-from-hour',
        says: 'the same, counted from the start of the current hour',
        source: 'silent; as Red Hat saw it in the days of 6 hours',
      },
      {
        reading: '6h',
        says: '6 hours',
        source: 'documents for China and .NET; API reference until June 2026',
      },
      {
        reading: '6h-from-hour',
        says: '6 hours, counted from the start of the current hour',
        source: 'Red Hat, rhsm-subscriptions, pull request 2641',
      },
      { reading: '1h', says: '1 hour', source: 'Seller Guide, saas-code-examples' },
    ],
  },
  {
    name: 'meter-window',
    about: 'how old usage may be in MeterUsage',
    readings: [
      { reading: '6h', says: '6 hours', source: 'API reference, MeterUsage' },
      {
        reading: '6h-from-hour',
        says: '6 hours, counted from the start of the current hour',
        source: 'silent; as Red Hat saw it for BatchMeterUsage',
      },
    ],
  },
  {
    name: 'future',
    about: 'usage that is ahead of the clock',
    readings: [
      { reading: 'refused', says: 'TimestampOutOfBoundsException', source: "AWS's agent skill" },
      { reading: '5m', says: 'accepted up to five minutes ahead', source: 'silent; what clocks differ by' },
      { reading: 'this-hour', says: 'accepted within the current hour', source: 'silent' },
      { reading: 'accepted', says: 'accepted however far', source: 'API reference: names old usage only' },
    ],
  },
  {
    name: 'unknown-customer',
    about: 'a CustomerIdentifier that does not exist',
    readings: [
      {
        reading: 'exception',
        says: 'InvalidCustomerIdentifierException for the whole request',
        source: 'service model',
      },
      {
        reading: 'not-subscribed',
        says: 'CustomerNotSubscribed for the record',
        source: 'API reference, UsageRecordResult: "The customer identifier is invalid"',
      },
    ],
  },
  {
    name: 'unknown-account',
    about: 'a CustomerAWSAccountId that has never had an agreement',
    readings: [
      {
        reading: 'not-subscribed',
        says: 'CustomerNotSubscribed for the record',
        source: 'API reference, UsageRecordResult: no active agreement',
      },
      {
        reading: 'exception',
        says: 'InvalidCustomerIdentifierException for the whole request',
        source: 'silent; as with an identifier',
      },
    ],
  },
  {
    name: 'licence-with-product-code',
    about: 'a LicenseArn in a request with a ProductCode',
    readings: [
      {
        reading: 'refused',
        says: 'InvalidProductCodeException',
        source: 'Red Hat, rhsm-subscriptions, pull request 6539, which does not name the error',
      },
      { reading: 'validation', says: 'ValidationException', source: 'the same' },
      { reading: 'invalid-license', says: 'InvalidLicenseException', source: 'the same' },
      {
        reading: 'separate',
        says: 'billed, besides what is billed without one of them',
        source: 'service model, BatchMeterUsageRequest.ProductCode',
      },
    ],
  },
  {
    name: 'licence-without-account',
    about: 'a LicenseArn without CustomerAWSAccountId',
    readings: [
      { reading: 'validation', says: 'ValidationException', source: 'silent' },
      { reading: 'invalid-license', says: 'InvalidLicenseException', source: 'silent' },
    ],
  },
  {
    name: 'licence-form',
    about: 'the ARNs that are licences',
    readings: [
      { reading: 'model', says: "any of the model's pattern", source: 'service model, LicenseArn' },
      {
        reading: 'usual',
        says: 'arn:aws:license-manager:…:license:…; InvalidLicenseException for others',
        source: "AWS's agent skill",
      },
    ],
  },
  {
    name: 'licence-period',
    about: 'usage outside of the period of its licence (with a catalog)',
    readings: [
      {
        reading: 'exception',
        says: 'InvalidLicenseException for the whole request',
        source: 'service model',
      },
      {
        reading: 'not-subscribed',
        says: 'CustomerNotSubscribed for the record',
        source: "AWS's agent skill, which says so of ended agreements",
      },
    ],
  },
  {
    name: 'missing-product-code',
    about: 'a ProductCode that is needed and missing or empty',
    readings: [
      { reading: 'invalid-product', says: 'InvalidProductCodeException', source: 'silent' },
      { reading: 'validation', says: 'ValidationException', source: 'service model until February 2026' },
    ],
  },
  {
    name: 'identity-error',
    about: 'a record with both CustomerIdentifier and CustomerAWSAccountId, or neither',
    readings: [
      { reading: 'validation', says: 'ValidationException', source: 'silent' },
      { reading: 'invalid-customer', says: 'InvalidCustomerIdentifierException', source: 'silent' },
    ],
  },
  {
    name: 'empty-batch',
    about: 'BatchMeterUsage without a record',
    readings: [
      { reading: 'accepted', says: 'an empty reply', source: 'service model: 0 to 25 items' },
      { reading: 'refused', says: 'ValidationException', source: 'silent' },
    ],
  },
  {
    name: 'tag-charset',
    about: 'the characters of tags',
    readings: [
      {
        reading: 'range',
        says: 'also those from space to =, such as ! and #',
        source: "service model: the pattern's ' -=' is a range",
      },
      {
        reading: 'prose',
        says: 'letters, digits, space and + - = . _ : / \\ @',
        source: 'Seller Guide, metering-for-usage',
      },
    ],
  },
  {
    name: 'empty-tag-value',
    about: 'a tag whose Value is empty or null',
    readings: [
      {
        reading: 'refused',
        says: 'an error, of tags or of form',
        source: 'service model: required, 1 character or more',
      },
      {
        reading: 'accepted',
        says: 'accepted, also when it is left out',
        source: 'service model, text of Tag.Value: "can be empty or null"',
      },
    ],
  },
  {
    name: 'tag-limit',
    about: 'the five tags of a record',
    readings: [
      {
        reading: 'keys',
        says: 'five different keys in all allocations of a record',
        source: 'Seller Guide: "maximum tags across the UsageAllocation list"',
      },
      { reading: 'tags', says: 'five tags in all allocations of a record', source: 'the same' },
      { reading: 'allocation', says: 'five tags in each allocation', source: 'service model' },
    ],
  },
  {
    name: 'repeated-tag-key',
    about: 'one tag key twice in one allocation',
    readings: [
      { reading: 'refused', says: 'InvalidUsageAllocationsException', source: 'silent' },
      { reading: 'accepted', says: 'accepted', source: 'silent' },
    ],
  },
  {
    name: 'check-order',
    about: 'which error is told when a request has several',
    readings: [
      { reading: 'by-check', says: 'that of the first check that finds one', source: 'silent' },
      { reading: 'by-record', says: 'that of the first record that has one', source: 'silent' },
    ],
  },
  {
    name: 'wrong-type',
    about: 'a member of the wrong type, such as a text or 1.5 for a quantity',
    readings: [
      { reading: 'validation', says: 'ValidationException', source: 'silent; common errors' },
      { reading: 'serialization', says: 'SerializationException', source: 'silent; AWS JSON services' },
    ],
  },
  {
    name: 'size-limit',
    about: 'what "less than 1 MB" is',
    readings: [
      { reading: '1000000', says: 'fewer bytes than that', source: 'silent; API reference, BatchMeterUsage' },
      { reading: '1048576', says: 'fewer bytes than that', source: 'silent; the same' },
    ],
  },
  {
    name: 'size-limit-error',
    about: 'a request that is larger',
    readings: [
      { reading: 'validation', says: 'ValidationException', source: 'silent' },
      { reading: '413', says: 'status 413, RequestEntityTooLargeException', source: 'silent; HTTP' },
    ],
  },
  {
    name: 'meter-usage',
    about: 'how MeterUsage recognises usage',
    readings: [
      { reading: 'hourly', says: 'by hour, as on EC2, ECS and EKS', source: 'API reference, MeterUsage' },
      {
        reading: 'agentcore',
        says: 'by ClientToken, which is needed, as on AgentCore Runtime',
        source: 'API reference, MeterUsage',
      },
    ],
  },
  {
    name: 'new-client-token',
    about: 'the same usage in MeterUsage again, with another ClientToken',
    readings: [
      { reading: 'same', says: 'the same MeteringRecordId', source: 'silent; the hour counts' },
      {
        reading: 'duplicate',
        says: 'DuplicateRequestException',
        source: 'silent; the requests are not "identical"',
      },
    ],
  },
  {
    name: 'idempotency-conflict-status',
    about: 'the status of IdempotencyConflictException',
    readings: [
      { reading: '400', says: 'as of all the others', source: 'API reference, MeterUsage' },
      { reading: '409', says: 'HTTP for a conflict', source: "schema of AWS's JavaScript client" },
    ],
  },
  {
    name: 'dry-run',
    about: 'a dry run of MeterUsage that is permitted',
    readings: [
      {
        reading: 'id',
        says: 'status 200 and MeteringRecordId DryRunOperation',
        source: "seen by CloudQuery; AWS's container sample",
      },
      { reading: 'error', says: 'the error DryRunOperation', source: 'service model, text of DryRun' },
    ],
  },
  {
    name: 'dry-run-checks',
    about: 'what a dry run of MeterUsage looks at',
    readings: [
      { reading: 'all', says: 'product, time, dimension and allocations', source: "AWS's container sample" },
      { reading: 'permission', says: 'the permission only', source: 'service model, text of DryRun' },
    ],
  },
  {
    name: 'dry-run-denied',
    about: 'a dry run of MeterUsage without permission (with a catalog)',
    readings: [
      { reading: 'access-denied', says: 'AccessDeniedException', source: 'silent; IAM, for all calls' },
      { reading: 'unauthorized', says: 'UnauthorizedException', source: 'service model, text of DryRun' },
    ],
  },
  {
    name: 'access-denied-status',
    about: 'the status of a call without permission (with a catalog)',
    readings: [
      { reading: '400', says: 'as of all the others', source: 'AWS JSON services' },
      { reading: '403', says: 'HTTP for it', source: "AWS's common errors" },
    ],
  },
  {
    name: 'register-claims',
    about: "the names of the claims in RegisterUsage's Signature",
    readings: [
      {
        reading: 'camel',
        says: 'productCode, publicKeyVersion, nonce',
        source: 'Seller Guide, java-integration-example-registerusage, its code',
      },
      {
        reading: 'pascal',
        says: 'ProductCode, PublicKeyVersion, Nonce',
        source: 'the same page, its text',
      },
    ],
  },
  {
    name: 'token-reuse',
    about: 'a registration token in ResolveCustomer for the second time',
    readings: [
      { reading: 'same', says: 'the same answer', source: 'Seller Guide, saas-product-customer-setup' },
      {
        reading: 'expired',
        says: 'ExpiredTokenException',
        source: 'service model: "the buyer has resubmitted the registration token"',
      },
    ],
  },
  {
    name: 'error-namespace',
    about: "what stands before an error's name",
    readings: [
      { reading: 'smithy', says: 'com.amazonaws.marketplacemetering#', source: 'Smithy model' },
      { reading: 'sdk', says: 'com.amazonaws.marketplace.metering#', source: "older clients of AWS's" },
      { reading: 'none', says: 'nothing', source: 'AWS JSON 1.1 protocol' },
    ],
  },
  {
    name: 'error-type',
    about: "where an error's name stands",
    readings: [
      { reading: 'body', says: '__type in the body', source: 'AWS JSON 1.1 protocol' },
      { reading: 'header', says: 'x-amzn-ErrorType', source: 'AWS JSON 1.1 protocol, for clients' },
      { reading: 'both', says: 'in both', source: 'the same' },
    ],
  },
  {
    name: 'error-message',
    about: "the member that holds an error's text",
    readings: [
      { reading: 'message', says: 'message', source: 'service model' },
      { reading: 'Message', says: 'Message', source: "AWS's layers before the service" },
    ],
  },
  {
    name: 'cloudtrail-account-key',
    about: "CloudTrail: the name of a record's account",
    readings: [
      {
        reading: 'customerAWSAccountID',
        says: 'so',
        source: 'API reference, Logging AWS Marketplace Metering API calls, its example',
      },
      { reading: 'customerAWSAccountId', says: 'so', source: "AWS's agent skill, its script" },
    ],
  },
  {
    name: 'cloudtrail-source',
    about: 'CloudTrail: the eventSource, before .amazonaws.com',
    readings: [
      {
        reading: 'metering-marketplace',
        says: 'so',
        source: 'API reference, Logging AWS Marketplace Metering API calls, its example',
      },
      { reading: 'marketplacemetering', says: 'so', source: 'Smithy model, cloudTrailEventSource' },
    ],
  },
  {
    name: 'cloudtrail-timestamp',
    about: 'CloudTrail: the timestamps in requestParameters and responseElements',
    readings: [
      {
        reading: 'space',
        says: 'Apr 19, 2018 4:32:50 PM',
        source: 'API reference, Logging AWS Marketplace Metering API calls, its example',
      },
      {
        reading: 'narrow-space',
        says: 'the same with U+202F before AM and PM',
        source: 'silent; as Java spells it since version 20',
      },
      { reading: 'iso', says: '2018-04-19T16:32:50Z', source: 'silent' },
    ],
  },
  {
    name: 'cloudtrail-resolve-customer',
    about: 'CloudTrail: whether ResolveCustomer leaves events',
    readings: [
      { reading: 'logged', says: 'it does', source: "AWS's agent skill" },
      {
        reading: 'absent',
        says: 'it does not',
        source: 'API reference, Logging AWS Marketplace Metering API calls: not in its list',
      },
    ],
  },
] as const satisfies readonly Behaviour[];

type Row = (typeof BEHAVIOURS)[number];

/** The reading that is in force for each name. */
export type Behaviours = { readonly [R in Row as R['name']]: R['readings'][number]['reading'] };
