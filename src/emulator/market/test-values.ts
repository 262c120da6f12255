import type { Operation } from '../../usage/wire.ts';
import { canRaise, type ServiceError } from '../rules/errors.ts';
import { type Refusal, refuseBecause } from '../rules/refusals.ts';

type ValueMember =
  | 'ProductCode'
  | 'LicenseArn'
  | 'CustomerIdentifier'
  | 'CustomerAWSAccountId'
  | 'Dimension'
  | 'PublicKeyVersion'
  | 'RegistrationToken';

/** An effect other than an error. */
type Effect = 'not subscribed' | 'other product' | 'rotated key' | 'resolves';

export type TestValue = {
  readonly member: ValueMember;
  readonly value: string;
  /** Raised by the operations whose model lists the error; other operations treat the value like any other. */
  readonly error?: ServiceError;
  readonly effect?: Effect;
  /** One sentence, for the manual. */
  readonly description: string;
};

/**
 * Values that trigger errors, like the test cards of a payment provider. Any other value of the right form is accepted, so
 * that the emulator can be used without setting up products and customers first.
 */
export const TEST_VALUES: readonly TestValue[] = [
  {
    member: 'ProductCode',
    value: 'unknown_product',
    error: 'InvalidProductCodeException',
    description: 'No product has this code.',
  },
  {
    member: 'ProductCode',
    value: 'disabled_api',
    error: 'DisabledApiException',
    description: 'The Region does not have the API for this product.',
  },
  {
    member: 'ProductCode',
    value: 'throttled',
    error: 'ThrottlingException',
    description: 'Calls for this product are always throttled.',
  },
  {
    member: 'ProductCode',
    value: 'internal_error',
    error: 'InternalServiceErrorException',
    description: 'The service fails for this product, with status 500.',
  },
  {
    member: 'ProductCode',
    value: 'not_entitled',
    error: 'CustomerNotEntitledException',
    description: 'The account is not subscribed to this product.',
  },
  {
    member: 'ProductCode',
    value: 'wrong_region',
    error: 'InvalidEndpointRegionException',
    description: 'The instance, task or pod that meters this product runs in another Region.',
  },
  {
    member: 'ProductCode',
    value: 'wrong_region',
    error: 'InvalidRegionException',
    description: 'The task or pod that registers this product was launched in another Region.',
  },
  {
    member: 'ProductCode',
    value: 'unsupported_platform',
    error: 'PlatformNotSupportedException',
    description: 'The caller runs this product outside ECS and EKS.',
  },
  {
    member: 'ProductCode',
    value: 'rotated_key',
    effect: 'rotated key',
    description: 'The public key of this product was replaced on 2026-01-01.',
  },
  {
    member: 'PublicKeyVersion',
    value: '999',
    error: 'InvalidPublicKeyVersionException',
    description: 'No public key has this version.',
  },
  {
    member: 'LicenseArn',
    value: 'arn:aws:license-manager::123456789012:license:l-invalid',
    error: 'InvalidLicenseException',
    description: 'This license is not valid.',
  },
  {
    member: 'LicenseArn',
    value: 'arn:aws:license-manager::123456789012:license:l-other-product',
    effect: 'other product',
    description: 'This license is for another product and must not share a request with other licenses.',
  },
  {
    member: 'CustomerIdentifier',
    value: 'unknown_customer',
    error: 'InvalidCustomerIdentifierException',
    description: 'No customer has this identifier.',
  },
  {
    member: 'CustomerIdentifier',
    value: 'not_subscribed',
    effect: 'not subscribed',
    description: 'This customer has no active agreement.',
  },
  {
    member: 'CustomerAWSAccountId',
    value: '404404404404',
    effect: 'not subscribed',
    description: 'This account has no active agreement.',
  },
  {
    member: 'Dimension',
    value: 'unknown_dimension',
    error: 'InvalidUsageDimensionException',
    description: 'No product has this dimension.',
  },
  {
    member: 'RegistrationToken',
    value: 'test_token',
    effect: 'resolves',
    description: 'A buyer with all identifiers.',
  },
  {
    member: 'RegistrationToken',
    value: 'test_token_legacy',
    effect: 'resolves',
    description: 'A buyer of an old integration: without a license.',
  },
  {
    member: 'RegistrationToken',
    value: 'test_token_new',
    effect: 'resolves',
    description: 'A buyer of a product created since 2026-06-01: without a customer identifier.',
  },
  {
    member: 'RegistrationToken',
    value: 'expired_token',
    error: 'ExpiredTokenException',
    description: 'The token has expired.',
  },
  {
    member: 'RegistrationToken',
    value: 'invalid_token',
    error: 'InvalidTokenException',
    description: 'The token is invalid, like any token not in this list.',
  },
  {
    member: 'RegistrationToken',
    value: 'throttled_token',
    error: 'ThrottlingException',
    description: 'Calls with this token are always throttled.',
  },
  {
    member: 'RegistrationToken',
    value: 'internal_error_token',
    error: 'InternalServiceErrorException',
    description: 'The service fails for this token, with status 500.',
  },
  {
    member: 'RegistrationToken',
    value: 'disabled_api_token',
    error: 'DisabledApiException',
    description: 'The Region does not have the API.',
  },
];

/** The refusal that this value triggers in this operation. */
export const testRefusal = (
  operation: Operation,
  member: ValueMember,
  value: string | undefined,
): Refusal | undefined => {
  for (const { error, description } of rowsOf(member, value)) {
    if (error !== undefined && canRaise(operation, error))
      return refuseBecause(error, `test value: ${description}`);
  }
  return undefined;
};

export const isTestValue = (member: ValueMember, value: string): boolean => rowsOf(member, value).length > 0;

export const hasEffect = (member: ValueMember, value: string | undefined, effect: Effect): boolean =>
  rowsOf(member, value).some(row => row.effect === effect);

const BY_VALUE: ReadonlyMap<string | undefined, readonly TestValue[]> = Map.groupBy(
  TEST_VALUES,
  row => row.value,
);

const NONE: readonly TestValue[] = [];

const rowsOf = (member: ValueMember, value: string | undefined): readonly TestValue[] =>
  BY_VALUE.get(value)?.filter(row => row.member === member) ?? NONE;
