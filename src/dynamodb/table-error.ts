import { CredentialsError, KnownError, LedgerError } from '../errors.ts';
import { NetworkError } from '../metering/network-error.ts';

/** The members that errors of AWS's package have. */
type ServiceFailure = {
  readonly name: string;
  readonly message: string;
  readonly CancellationReasons?: readonly { readonly Code?: string; readonly Message?: string }[];
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    /** The next request is signed with the time of the service. */
    readonly clockSkewCorrected?: boolean;
  };
};

const failureOf = (error: unknown): ServiceFailure => error as ServiceFailure;

/** Something else was in the table: the condition of a write did not hold. */
export const isConditionFailure = (error: unknown): boolean => {
  const { name } = failureOf(error);
  if (name === 'ConditionalCheckFailedException') return true;
  const codes = cancellations(error);
  return codes.includes('ConditionalCheckFailed');
};

const cancellations = (error: unknown): readonly string[] => {
  const { name, CancellationReasons = [] } = failureOf(error);
  return name === 'TransactionCanceledException' ? CancellationReasons.map(({ Code = 'None' }) => Code) : [];
};

/** The credentials were valid, and new ones may be. */
export const isExpired = (error: unknown): boolean => failureOf(error).name === 'ExpiredTokenException';

/**
 * The same request may succeed later. Source: DynamoDB Developer Guide, "Error handling with DynamoDB"; API reference,
 * TransactWriteItems, "cancellation reasons".
 */
export const isTemporary = (error: unknown): boolean => {
  if (error instanceof NetworkError) return !error.isLasting;
  if (error instanceof KnownError) return false;
  const { name, $metadata } = failureOf(error);
  if (TEMPORARY.has(name) || $metadata?.clockSkewCorrected === true) return true;
  const codes = cancellations(error);
  if (codes.length > 0) return codes.some(code => PASSING.has(code)) && !codes.includes('ValidationError');
  return ($metadata?.httpStatusCode ?? 0) >= 500;
};

const TEMPORARY: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'LimitExceededException',
  'InternalServerError',
  'InternalFailure',
  'ServiceUnavailable',
  'TransactionConflictException',
  'TransactionInProgressException',
  'TimeoutError',
]);

const PASSING: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ProvisionedThroughputExceeded',
  'ThrottlingError',
]);

/** What a user is told of a table that cannot be used. */
export const tableError = (
  error: unknown,
  { name, region, operation }: { readonly name: string; readonly region: string; readonly operation: string },
): KnownError => {
  if (error instanceof CredentialsError) return error;
  if (error instanceof KnownError || error instanceof NetworkError)
    return new LedgerError(`the ledger ${name} cannot be reached`, {
      because: error.message,
      next: 'check the network and the endpoint, then run the same command again',
      cause: error,
    });
  const { name: code, message } = failureOf(error);
  const because = `${code}: ${message}`;
  if (code === 'ResourceNotFoundException')
    return new LedgerError(`there is no table for ${name} in ${region}`, {
      because,
      next: `check its name, Region and account, or make it: ampmeter ledger create --ledger ${name}`,
    });
  if (code === 'UnknownOperationException')
    return new LedgerError(`the endpoint of ${name} is not DynamoDB`, {
      because,
      next: 'set AWS_ENDPOINT_URL_DYNAMODB, or use AWS_ENDPOINT_URL_MARKETPLACE_METERING in place of AWS_ENDPOINT_URL',
    });
  if (code === 'AccessDeniedException' || code === 'AccessDenied')
    return new LedgerError(`AWS does not permit dynamodb:${permissionOf(operation)} on ${name}`, {
      because,
      next: `add the policy that this prints: ampmeter ledger create --ledger ${name} --print policy`,
    });
  if (KEY_ERRORS.includes(code))
    return new LedgerError(`AWS did not accept the credentials for ${name}`, {
      because,
      next: 'check them with: aws sts get-caller-identity',
    });
  if (code === 'ValidationException' && /\bkey\b|schema/i.test(message))
    return new LedgerError(`the table of ${name} was not made by ampmeter: its key is different`, {
      because,
      next: 'choose another name: ampmeter ledger create makes the table',
    });
  if (isTooLarge(error))
    return new LedgerError(`an item is too large for ${name}`, {
      because,
      next: 'use a ledger in a file',
    });
  return new LedgerError(`the ledger ${name} failed in ${operation}`, {
    because,
    next: 'run the same command again',
    cause: error,
  });
};

/** Source of the sentences: DynamoDB Developer Guide, "Error handling"; API reference, TransactWriteItems. */
const isTooLarge = (error: unknown): boolean => {
  const { name, message, CancellationReasons = [] } = failureOf(error);
  const found =
    name === 'TransactionCanceledException' ? CancellationReasons : [{ Code: name, Message: message }];
  return found.some(({ Code = '', Message = '' }) => Code.startsWith('Validation') && /size/i.test(Message));
};

const KEY_ERRORS = [
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'ExpiredTokenException',
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException',
];

/** A transaction is allowed by the permission of what it does. */
const permissionOf = (operation: string): string =>
  operation === 'TransactWriteItems' ? 'PutItem' : operation;
