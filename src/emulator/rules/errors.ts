import { OPERATIONS, type Operation } from '../../usage/wire.ts';

type ErrorDefinition = {
  readonly status: number;
  readonly message: string;
  /** The operations whose model lists this error. */
  readonly operations: readonly Operation[];
};

const METERING = ['BatchMeterUsage', 'MeterUsage'] as const;

/**
 * The errors of the service: status, message and the operations that can raise them. Source: service model (lists and
 * texts) and the pages of the operations in the API reference (status).
 */
const SERVICE_ERRORS = {
  InternalServiceErrorException: {
    status: 500,
    message: 'An internal error has occurred. Retry your request.',
    operations: OPERATIONS,
  },
  ThrottlingException: {
    status: 400,
    message: 'The calls to the API are throttled.',
    operations: OPERATIONS,
  },
  DisabledApiException: {
    status: 400,
    message: 'The API is disabled in the Region.',
    operations: ['BatchMeterUsage', 'RegisterUsage', 'ResolveCustomer'],
  },
  InvalidProductCodeException: {
    status: 400,
    message: 'The product code passed does not match the product code used for publishing the product.',
    operations: [...METERING, 'RegisterUsage'],
  },
  InvalidUsageDimensionException: {
    status: 400,
    message: 'The usage dimension does not match one of the UsageDimensions associated with products.',
    operations: METERING,
  },
  InvalidTagException: {
    status: 400,
    message: 'The tag is invalid, or the number of tags is greater than 5.',
    operations: METERING,
  },
  InvalidUsageAllocationsException: {
    status: 400,
    message: 'Sum of allocated usage quantities is not equal to the usage quantity.',
    operations: METERING,
  },
  TimestampOutOfBoundsException: {
    status: 400,
    message: 'The timestamp value passed in the UsageRecord is out of allowed range.',
    operations: METERING,
  },
  InvalidCustomerIdentifierException: {
    status: 400,
    message: 'You have metered usage for a CustomerIdentifier that does not exist.',
    operations: ['BatchMeterUsage'],
  },
  InvalidLicenseException: {
    status: 400,
    message:
      'Ensure the LicenseArn is valid, matches the customer, and usage is within the license activation period.',
    operations: ['BatchMeterUsage'],
  },
  DuplicateRequestException: {
    status: 400,
    message:
      'A metering record has already been emitted by the same EC2 instance, ECS task, or EKS pod for the given {usageDimension, timestamp} with a different usageQuantity.',
    operations: ['MeterUsage'],
  },
  IdempotencyConflictException: {
    status: 400,
    message: 'The ClientToken is being used for multiple requests.',
    operations: ['MeterUsage'],
  },
  InvalidEndpointRegionException: {
    status: 400,
    message: 'The Region of the Metering Service endpoint and the AWS Region of the resource must match.',
    operations: ['MeterUsage'],
  },
  CustomerNotEntitledException: {
    status: 400,
    message: 'The customer does not have a valid subscription for the product.',
    operations: ['MeterUsage', 'RegisterUsage'],
  },
  InvalidRegionException: {
    status: 400,
    message: 'RegisterUsage must be called in the same AWS Region the ECS task was launched in.',
    operations: ['RegisterUsage'],
  },
  InvalidPublicKeyVersionException: {
    status: 400,
    message: 'Public Key version is invalid.',
    operations: ['RegisterUsage'],
  },
  PlatformNotSupportedException: {
    status: 400,
    message: 'RegisterUsage can only be called from within an ECS task or an EKS pod',
    operations: ['RegisterUsage'],
  },
  InvalidTokenException: {
    status: 400,
    message: 'Registration token is invalid.',
    operations: ['ResolveCustomer'],
  },
  ExpiredTokenException: {
    status: 400,
    message: 'The submitted registration token has expired.',
    operations: ['ResolveCustomer'],
  },
} as const satisfies Record<string, ErrorDefinition>;

/**
 * Errors of the layers in front of the service, which no model lists. Source: AWS's common errors and SigV4 guide; the texts
 * are those of AWS's services.
 */
const COMMON_ERRORS = {
  DryRunOperation: {
    status: 400,
    message: 'Request would have succeeded, but DryRun flag is set.',
  },
  /** Mentioned in the text of DryRun, but in no model. */
  UnauthorizedException: { status: 400, message: 'Access denied.' },
  RequestEntityTooLargeException: { status: 413, message: 'The request is too large.' },
  UnknownOperationException: { status: 400, message: 'The operation is not known.' },
  SerializationException: { status: 400, message: 'The body is not a JSON object.' },
  ValidationException: { status: 400, message: 'The input fails to satisfy the constraints.' },
  AccessDeniedException: { status: 403, message: 'Access denied.' },
  MissingAuthenticationTokenException: { status: 400, message: 'Request is missing Authentication Token' },
  IncompleteSignatureException: { status: 400, message: 'The Authorization header is incomplete.' },
  InvalidSignatureException: {
    status: 400,
    message:
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  },
  ServiceUnavailable: {
    status: 503,
    message: 'The request has failed due to a temporary failure of the server.',
  },
  UnrecognizedClientException: {
    status: 400,
    message: 'The security token included in the request is invalid.',
  },
} as const satisfies Record<string, Omit<ErrorDefinition, 'operations'>>;

/** Errors of CloudTrail's LookupEvents. Source: CloudTrail service model, and its API reference (status). */
const CLOUDTRAIL_ERRORS = {
  InvalidEventCategoryException: { status: 400, message: 'The event category is not valid.' },
  InvalidLookupAttributesException: { status: 400, message: 'The lookup attribute is not valid.' },
  InvalidMaxResultsException: { status: 400, message: 'MaxResults must be from 1 to 50.' },
  InvalidNextTokenException: {
    status: 400,
    message: 'The token is not valid, or was previously used in a request with different parameters.',
  },
  InvalidTimeRangeException: { status: 400, message: 'The start time is after the end time.' },
} as const satisfies Record<string, Omit<ErrorDefinition, 'operations'>>;

/** Errors of the Agreement API and the Catalog API that the others do not have. Source: their service models. */
const MARKETPLACE_ERRORS = {
  ResourceNotFoundException: { status: 400, message: 'The resource does not exist.' },
} as const satisfies Record<string, Omit<ErrorDefinition, 'operations'>>;

export const ERRORS = { ...SERVICE_ERRORS, ...COMMON_ERRORS, ...CLOUDTRAIL_ERRORS, ...MARKETPLACE_ERRORS };

export type ServiceError = keyof typeof SERVICE_ERRORS;

export type ErrorName = keyof typeof ERRORS;

/** Whether the operation's model lists the error. */
export const canRaise = (operation: Operation, error: ServiceError): boolean =>
  (SERVICE_ERRORS[error].operations as readonly Operation[]).includes(operation);
