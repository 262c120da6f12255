import { type Explanation, ofKind, PAGES, runAgain } from './explanation.ts';

/** AWS records nothing of the batch when it returns one of these errors. */
const WHOLE_BATCH =
  'AWS rejects the whole batch for one bad record; ampmeter batch splits it until that record is isolated';

/** The exceptions of the service model. Causes are from the model and the API reference, unless another source is named. */
export const SERVICE_ERRORS: readonly Explanation[] = ofKind('AWS metering error', [
  {
    name: 'CustomerNotEntitledException',
    means: 'the buyer whose account runs the software has no valid subscription to the product',
    why: ['the subscription has ended, or never existed', 'the calling account is not that of a buyer'],
    next: "check the buyer's subscription to this product; repeating the call does not help without one",
    link: PAGES.meterUsage,
  },
  {
    name: 'DisabledApiException',
    means: 'the operation is not enabled in this Region',
    why: [
      'the metering service does not have this operation in the Region',
      'a SaaS product starts with us-east-1 only; AWS enables other Regions on request (Seller Guide)',
    ],
    next: 'this operation is not enabled in this Region; use the Region of your product, by default us-east-1',
    unsaid: 'in which Regions RegisterUsage and ResolveCustomer are available',
    link: PAGES.regions,
  },
  {
    name: 'DuplicateRequestException',
    means: 'this instance, task or pod has already reported another quantity for the dimension and hour',
    why: [
      'MeterUsage accepts one report an hour for each dimension and instance, task or pod; the first one counts',
      'the software reported 0 for this hour when it started',
    ],
    next: 'this hour already has another quantity, which stays billed; report the difference in a later hour',
    link: PAGES.meterUsage,
  },
  {
    name: 'ExpiredTokenException',
    also: ['ExpiredToken'],
    means: 'the registration token of the buyer has expired (ResolveCustomer)',
    why: [
      'the token is older than a few hours',
      'the buyer has submitted the registration page again (text of the service model)',
    ],
    next: 'a registration token is valid for a few hours: ask the buyer to click "Set up your account" again',
    unsaid:
      'how long a token is valid: the Seller Guide says 4 hours in one place and about 1 hour in another',
    link: PAGES.resolveCustomer,
  },
  {
    name: 'IdempotencyConflictException',
    means: 'the client token was already used for a call with other parameters',
    why: [
      'the call was repeated with another time: --timestamp now, the default, changes every second',
      'a script uses the same --client-token for every call',
    ],
    next: 'to repeat a call, use its client token and its --timestamp; for other usage, use another client token',
    unsaid: 'how long AWS remembers a client token',
    link: PAGES.meterUsage,
  },
  {
    name: 'InternalServiceErrorException',
    means: 'AWS failed, and may or may not have recorded the usage',
    why: ['a failure inside the service'],
    ...runAgain(),
    link: PAGES.batchMeterUsage,
  },
  {
    name: 'InvalidCustomerIdentifierException',
    means: 'usage was reported for a customer identifier that does not exist',
    why: [
      'the identifier is misspelled, or is not the one that ResolveCustomer returned',
      'customer_identifier contains an AWS account id',
      WHOLE_BATCH,
    ],
    next: 'compare the customer identifier with the output of ampmeter resolve',
    unsaid:
      'when AWS returns this error, and when CustomerNotSubscribed: both list an invalid identifier as a cause',
    link: PAGES.batchMeterUsage,
  },
  {
    name: 'InvalidEndpointRegionException',
    means: 'MeterUsage was called in a different Region from that of the instance, task or pod',
    why: ['--region or AWS_REGION is not the Region in which the software runs'],
    next: 'use the Region in which the software runs: omit --region, or set it to that Region',
    link: PAGES.meterUsage,
  },
  {
    name: 'InvalidLicenseException',
    means: "the license is not valid for this customer's usage at this time",
    why: [
      'the license ARN is misspelled, or is the license of another customer',
      'the usage is outside the period in which the license is active',
      "licenses of two products in one request (AWS's agent skill); ampmeter never combines products",
      WHOLE_BATCH,
    ],
    next: "check that the license is the buyer's, is active, and belongs to this product",
    unsaid: 'when an ended agreement leads to this error, and when to CustomerNotSubscribed',
    link: PAGES.batchMeterUsage,
  },
  {
    name: 'InvalidProductCodeException',
    means: 'the product code does not belong to a product that this caller can report usage for',
    why: [
      'the code is misspelled, or is the product id (prod-…) instead of the product code',
      'the credentials belong to a different account from the one that sells the product',
    ],
    next: 'check the product code, and that these credentials belong to the account that sells it',
    unsaid: "which error AWS returns to a caller from an account other than the seller's",
    link: PAGES.batchMeterUsage,
  },
  {
    name: 'InvalidPublicKeyVersionException',
    means: 'the product has no public key of this version',
    why: ['--public-key-version is not the version shown for the container product'],
    next: 'check --public-key-version against the product in the AWS Marketplace Management Portal',
    link: PAGES.registerUsage,
  },
  {
    name: 'InvalidRegionException',
    means: 'RegisterUsage was called in a different Region from that of the task or pod',
    why: ['--region or AWS_REGION is not the Region in which the software runs'],
    next: 'use the Region in which the software runs: omit --region, or set it to that Region',
    link: PAGES.registerUsage,
  },
  {
    name: 'InvalidTagException',
    means: 'a tag of a usage allocation is invalid, or there are more than 5',
    why: [
      'a tag is empty, too long, or has a character that AWS does not accept',
      'an allocation has more than 5 tags',
      WHOLE_BATCH,
    ],
    next: 'check the tags: at most 5, keys up to 100 and values up to 256 characters',
    unsaid: 'the Seller Guide allows 5 tags "across the list"; whether that means keys or pairs',
    link: PAGES.batchMeterUsage,
  },
  {
    name: 'InvalidTokenException',
    means: 'the registration token was not issued by AWS',
    why: [
      'the token was cut off, or decoded twice or not at all',
      'it is the whole form or another field of it; ampmeter resolve also accepts the whole form',
    ],
    next: 'pass the token as AWS posted it, decoded once; each buyer and product has its own token',
    unsaid: 'whether a token for a product of another account leads to this error',
    link: PAGES.resolveCustomer,
  },
  {
    name: 'InvalidUsageAllocationsException',
    means: 'the allocations do not add up to the quantity of the record',
    why: [
      'the sum of the allocated quantities is not the quantity',
      'two allocations have the same tags, or more than one has no tags',
      WHOLE_BATCH,
    ],
    next: 'the allocations must add up to the quantity, each with different tags',
    link: PAGES.batchMeterUsage,
  },
  {
    name: 'InvalidUsageDimensionException',
    means: 'the product has no dimension of this name',
    why: [
      'names are compared letter by letter: case and spaces count',
      "it is the dimension's display name, not its API name",
      WHOLE_BATCH,
    ],
    next: "use the dimension's API name exactly as in the product; case matters",
    link: PAGES.batchMeterUsage,
  },
  {
    name: 'PlatformNotSupportedException',
    means: 'RegisterUsage was not called from an ECS task or an EKS pod',
    why: [
      'the software runs on EC2, on a laptop or in another cloud',
      'the call was made during local development',
    ],
    next: 'RegisterUsage works only inside an ECS task or an EKS pod',
    link: PAGES.registerUsage,
  },
  {
    name: 'ThrottlingException',
    also: [
      'Throttling',
      'ThrottledException',
      'RequestThrottledException',
      'TooManyRequestsException',
      'RequestLimitExceeded',
      'BandwidthLimitExceeded',
      'LimitExceededException',
      'SlowDown',
      'PriorRequestNotComplete',
    ],
    means: 'there were more calls in this account and Region than AWS allows',
    why: [
      'the published quotas are 10 requests a second for BatchMeterUsage and MeterUsage, and 5 for RegisterUsage',
      'other programs of the same account use the same quota',
    ],
    next: 'run the same command again; for batch, use a lower rate, for example --rate 5',
    before: '',
    unsaid: 'the quota of ResolveCustomer, and how large a burst may be',
    link: PAGES.quotas,
  },
  {
    name: 'TimestampOutOfBoundsException',
    means: 'the time of the usage is outside the window that AWS accepts',
    why: [
      'the usage is too old: see ampmeter help windows',
      "this machine's clock, or the clock that stamped the usage, is wrong",
      WHOLE_BATCH,
    ],
    next: "check the time of the usage and this machine's clock; ampmeter help windows shows what AWS accepts",
    unsaid:
      "whether usage in the future (yes in AWS's agent skill), or from before the software was in use, leads to this error",
    link: PAGES.batchMeterUsage,
  },
]);
