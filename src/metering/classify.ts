import type { ServiceErrorKind } from '../errors.ts';
import { parseJson } from '../usage/json.ts';
import { errorName } from '../usage/wire.ts';

/** A reply that is not the result of the operation. `code` is undefined when it does not have AWS's form. */
type ErrorReply = {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string;
};

/**
 * What to do about each error code. Source: errors of the service model; AWS's common errors; the retry
 * classification of the AWS SDKs. Without their `Exception` suffix, as some layers of AWS send them.
 */
const CODES: Readonly<Record<string, ServiceErrorKind>> = {
  Throttling: 'throttled',
  Throttled: 'throttled',
  RequestThrottled: 'throttled',
  TooManyRequests: 'throttled',
  RequestLimitExceeded: 'throttled',
  BandwidthLimitExceeded: 'throttled',
  LimitExceeded: 'throttled',
  SlowDown: 'throttled',
  PriorRequestNotComplete: 'throttled',
  InternalServiceError: 'unavailable',
  InternalServerError: 'unavailable',
  InternalFailure: 'unavailable',
  InternalError: 'unavailable',
  ServiceUnavailable: 'unavailable',
  RequestTimeout: 'unavailable',
  RequestTimeTooSkewed: 'clock',
  RequestExpired: 'clock',
  RequestInTheFuture: 'clock',
  ExpiredToken: 'stale-credentials',
  TokenRefreshRequired: 'stale-credentials',
  UnrecognizedClient: 'credentials',
  InvalidClientTokenId: 'credentials',
  InvalidSignature: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  IncompleteSignature: 'credentials',
  MissingAuthenticationToken: 'credentials',
  AccessDenied: 'credentials',
  NotAuthorized: 'credentials',
  Unauthorized: 'credentials',
  OptInRequired: 'credentials',
  TimestampOutOfBounds: 'record',
  InvalidUsageDimension: 'record',
  InvalidTag: 'record',
  InvalidUsageAllocations: 'record',
  InvalidCustomerIdentifier: 'record',
  InvalidLicense: 'record',
  Validation: 'record',
  ValidationError: 'record',
  Serialization: 'record',
};

/** The kind of an error reply. Unknown ones: 5xx may pass, anything else is the fault of the call. */
export const classify = ({ status, code, message }: ErrorReply, operation: string): ServiceErrorKind => {
  const bare = code?.replace(/Exception$/, '') ?? '';
  if (bare === 'ExpiredToken' && operation === 'ResolveCustomer' && !/security token/i.test(message)) {
    // The buyer's registration token has the same error as the caller's session token.
    return 'call';
  }
  if (
    /^(InvalidSignature|SignatureDoesNotMatch)$/.test(bare) &&
    /signature (expired|not yet current)/i.test(message)
  )
    return 'clock';
  const known = Object.hasOwn(CODES, bare) ? CODES[bare] : undefined;
  if (known !== undefined) return known;
  if (status === 429) return 'throttled';
  if (status >= 500 || status === 408) return 'unavailable';
  if (code === undefined && status === 401) return 'credentials';
  return 'call';
};

/** Reads the error out of a reply: the code from body `__type` or `code`, else from the header; both casings of the message. */
export const readError = (
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): ErrorReply => {
  const facts = parseObject(body);
  const type = textOf(facts.__type) ?? textOf(facts.code) ?? headers['x-amzn-errortype'];
  const message = textOf(facts.message) ?? textOf(facts.Message);
  const name = type === undefined ? undefined : errorName(type);
  return { status, code: name === '' ? undefined : name, message: (message ?? '').slice(0, MESSAGE_LIMIT) };
};

/** Longer messages are truncated: they go to terminals and ledgers. */
const MESSAGE_LIMIT = 300;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const parseObject = (body: string): Record<string, unknown> => {
  try {
    const value = parseJson(body);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
};
