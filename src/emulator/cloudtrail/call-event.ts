import type { IncomingMessage } from 'node:http';
import type { Answer, CalledOperation } from '../answer.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import { isMarketplaceOperation, type MarketplaceOperation } from '../marketplace/model.ts';
import type { Request } from '../operations/request-facts.ts';
import { isLost } from '../reply.ts';
import { isRefusal } from '../rules/refusals.ts';
import type { Caller } from '../signing/verify-signature.ts';
import { isIdentity, STS } from '../sts.ts';
import type { LookupRequest } from './model.ts';

/** What CloudTrail records about a call. Its own format is created on demand, because that is slower. */
export type CallEvent = {
  /** By the service's clock. */
  readonly at: Date;
  readonly requestId: string;
  readonly operation: Exclude<CalledOperation, typeof STS.operation | MarketplaceOperation>;
  readonly caller: Pick<Caller, 'accountId' | 'userName' | 'accessKeyId' | 'region'>;
  /** Undefined when the body did not have the right shape. */
  readonly input: (Request | LookupRequest)['input'] | undefined;
  /** Undefined when the call failed, or only reads: CloudTrail does not show what was read. */
  readonly output: object | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
};

type Arrival = Pick<CallEvent, 'at' | 'requestId' | 'sourceIPAddress' | 'userAgent'>;

export const arrivalOf = ({ socket, headers }: IncomingMessage, requestId: string, at: Date): Arrival => ({
  at,
  requestId,
  // An IPv4 caller of a server that listens on `::`, in IPv4 notation.
  sourceIPAddress: socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
  userAgent: headers['user-agent'] ?? '',
});

/**
 * The event of a call; undefined when it is not logged. CloudTrail delivers an event to the account of the caller: a request
 * without a valid signature belongs to no account, and a request that did not reach the service (a proxy's page, an early
 * disconnect) is unknown to it. A call whose reply is lost has an event. Source: CloudTrail User Guide, record contents;
 * AWS does not say which refusals of its outer layers are logged.
 */
export const callEventOf = (
  { operation, caller, request, result }: Answer,
  { at, requestId, sourceIPAddress, userAgent }: Arrival,
  behaviours: Pick<Behaviours, 'cloudtrail-resolve-customer'>,
): CallEvent | undefined => {
  if (operation === undefined || caller === undefined || isLost(result)) return undefined;
  // The trail is for events about usage; AWS would also log these.
  if (isMarketplaceOperation(operation)) return undefined;
  if (operation === STS.operation || isIdentity(result)) return undefined;
  if (operation === 'ResolveCustomer' && behaviours['cloudtrail-resolve-customer'] === 'absent')
    return undefined;
  const refused = isRefusal(result) ? result : undefined;
  if (refused?.beforeService === true) return undefined;
  const { accountId, userName, accessKeyId, region } = caller;
  return {
    at,
    requestId,
    operation,
    caller: { accountId, userName, accessKeyId, region },
    input: inputOf(request),
    output: refused === undefined && operation !== 'LookupEvents' ? result : undefined,
    error: refused && { code: refused.error, message: refused.message },
    sourceIPAddress,
    userAgent,
  };
};

/** AWS's replacement for secrets. Whether it applies to registration tokens is not public; here they are always hidden. */
const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

const inputOf = (request: Answer['request']): CallEvent['input'] =>
  request?.operation === 'ResolveCustomer' ? { RegistrationToken: HIDDEN } : request?.input;
