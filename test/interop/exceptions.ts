import type { ServiceError } from '../../src/emulator/rules/errors.ts';
import type { Inputs, Operation, WireRecord } from '../../src/usage/wire.ts';
import { hourAgo } from '../helpers/tool.ts';
import type { WireCall } from './aws-command.ts';

/** The calls that cause an exception: the last one raises it, those before it succeed. */
export type Raised = {
  readonly operation: Operation;
  readonly error: ServiceError;
  readonly calls: readonly WireCall[];
};

/** The last full hour, epoch seconds. */
const LAST_HOUR = Date.parse(hourAgo(1)) / 1000;

export const record = (different: Partial<WireRecord> = {}): WireRecord => ({
  Timestamp: LAST_HOUR,
  Dimension: 'users',
  Quantity: 3,
  ...(different.CustomerIdentifier === undefined && { CustomerAWSAccountId: '111122223333' }),
  ...different,
});

export const batch = (different: Partial<Inputs['BatchMeterUsage']> = {}): WireCall => ({
  operation: 'BatchMeterUsage',
  input: { ProductCode: 'product', UsageRecords: [record()], ...different },
});

export const meter = (different: Partial<Inputs['MeterUsage']> = {}): WireCall => ({
  operation: 'MeterUsage',
  input: {
    ProductCode: 'product',
    Timestamp: LAST_HOUR,
    UsageDimension: 'users',
    UsageQuantity: 3,
    ...different,
  },
});

export const register = (different: Partial<Inputs['RegisterUsage']> = {}): WireCall => ({
  operation: 'RegisterUsage',
  input: { ProductCode: 'product', PublicKeyVersion: 1, ...different },
});

export const resolve = (RegistrationToken = 'test_token'): WireCall => ({
  operation: 'ResolveCustomer',
  input: { RegistrationToken },
});

/** Licenses are sent without a product code. */
const licensed = (LicenseArn: string): WireCall => ({
  operation: 'BatchMeterUsage',
  input: { UsageRecords: [record({ LicenseArn })] },
});

const INVALID_LICENSE = 'arn:aws:license-manager::123456789012:license:l-invalid';
const TOO_OLD = Date.parse(hourAgo(25)) / 1000;
const NOT_A_TAG = [{ AllocatedUsageQuantity: 3, Tags: [{ Key: 'team~', Value: 'a' }] }];
const TOO_LITTLE = [{ AllocatedUsageQuantity: 2, Tags: [{ Key: 'team', Value: 'a' }] }];

const raised = (error: ServiceError, ...calls: readonly WireCall[]): Raised => ({
  operation: (calls.at(-1) as WireCall).operation,
  error,
  calls,
});

/**
 * Every exception of every operation in the service model, caused as in a seller's test: with a test value, or with the
 * mistake itself.
 */
export const EXCEPTIONS: readonly Raised[] = [
  raised('InternalServiceErrorException', batch({ ProductCode: 'internal_error' })),
  raised('ThrottlingException', batch({ ProductCode: 'throttled' })),
  raised('DisabledApiException', batch({ ProductCode: 'disabled_api' })),
  raised('InvalidProductCodeException', batch({ ProductCode: 'unknown_product' })),
  raised('InvalidLicenseException', licensed(INVALID_LICENSE)),
  raised(
    'InvalidCustomerIdentifierException',
    batch({ UsageRecords: [record({ CustomerIdentifier: 'unknown_customer' })] }),
  ),
  raised('TimestampOutOfBoundsException', batch({ UsageRecords: [record({ Timestamp: TOO_OLD })] })),
  raised(
    'InvalidUsageDimensionException',
    batch({ UsageRecords: [record({ Dimension: 'unknown_dimension' })] }),
  ),
  raised('InvalidTagException', batch({ UsageRecords: [record({ UsageAllocations: NOT_A_TAG })] })),
  raised(
    'InvalidUsageAllocationsException',
    batch({ UsageRecords: [record({ UsageAllocations: TOO_LITTLE })] }),
  ),
  raised('InternalServiceErrorException', meter({ ProductCode: 'internal_error' })),
  raised('ThrottlingException', meter({ ProductCode: 'throttled' })),
  raised('InvalidProductCodeException', meter({ ProductCode: 'unknown_product' })),
  raised('InvalidEndpointRegionException', meter({ ProductCode: 'wrong_region' })),
  raised('CustomerNotEntitledException', meter({ ProductCode: 'not_entitled' })),
  raised('TimestampOutOfBoundsException', meter({ Timestamp: TOO_OLD })),
  raised('InvalidUsageDimensionException', meter({ UsageDimension: 'unknown_dimension' })),
  raised('InvalidTagException', meter({ UsageAllocations: NOT_A_TAG })),
  raised('InvalidUsageAllocationsException', meter({ UsageAllocations: TOO_LITTLE })),
  raised(
    'DuplicateRequestException',
    meter({ UsageDimension: 'seats' }),
    meter({ UsageDimension: 'seats', UsageQuantity: 4 }),
  ),
  raised(
    'IdempotencyConflictException',
    meter({ UsageDimension: 'gb', ClientToken: 'one-token' }),
    meter({ UsageDimension: 'gb-hours', ClientToken: 'one-token' }),
  ),
  raised('InternalServiceErrorException', register({ ProductCode: 'internal_error' })),
  raised('ThrottlingException', register({ ProductCode: 'throttled' })),
  raised('DisabledApiException', register({ ProductCode: 'disabled_api' })),
  raised('InvalidProductCodeException', register({ ProductCode: 'unknown_product' })),
  raised('CustomerNotEntitledException', register({ ProductCode: 'not_entitled' })),
  raised('InvalidRegionException', register({ ProductCode: 'wrong_region' })),
  raised('InvalidPublicKeyVersionException', register({ PublicKeyVersion: 999 })),
  raised('PlatformNotSupportedException', register({ ProductCode: 'unsupported_platform' })),
  raised('InternalServiceErrorException', resolve('internal_error_token')),
  raised('ThrottlingException', resolve('throttled_token')),
  raised('DisabledApiException', resolve('disabled_api_token')),
  raised('InvalidTokenException', resolve('invalid_token')),
  raised('ExpiredTokenException', resolve('expired_token')),
];
