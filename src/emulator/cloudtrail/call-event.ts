import type { IncomingMessage } from 'node:http';
import type { Answer, CalledOperation } from '../answer.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import type { Request } from '../operations/request-facts.ts';
import { isLost } from '../reply.ts';
import { isRefusal } from '../rules/refusals.ts';
import type { Caller } from '../signing/verify-signature.ts';
import { isIdentity, STS } from '../sts.ts';
import type { LookupRequest } from './model.ts';

/** What CloudTrail learns of a call. Its own form is made of this only when somebody asks for it: that takes longer. */
export type CallEvent = {
  /** By the service's clock. */
  readonly at: Date;
  readonly requestId: string;
  readonly operation: Exclude<CalledOperation, typeof STS.operation>;
  readonly caller: Pick<Caller, 'accountId' | 'userName' | 'accessKeyId' | 'region'>;
  /** Undefined when the body did not have its form. */
  readonly input: (Request | LookupRequest)['input'] | undefined;
  /** Undefined when the call failed, and of one that only reads: CloudTrail does not show what was read. */
  readonly output: object | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
};

export type Arrival = Pick<CallEvent, 'at' | 'requestId' | 'sourceIPAddress' | 'userAgent'>;

export const arrivalOf = ({ socket, headers }: IncomingMessage, requestId: string, at: Date): Arrival => ({
  at,
  requestId,
  // An IPv4 caller of a server on :: as everybody else writes it.
  sourceIPAddress: socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
  userAgent: headers['user-agent'] ?? '',
});

/**
 * The event of a call; undefined when it leaves none. CloudTrail hands an event to the account of the caller: a request
 * without a valid signature belongs to no account, and what never got to the service (a proxy's page, a connection that
 * was cut first) it cannot know. A reply that is lost on its way back has its event. Source: CloudTrail User Guide,
 * record contents; AWS does not say which refusals of its outer layers are logged.
 */
export const callEventOf = (
  { operation, caller, request, result }: Answer,
  { at, requestId, sourceIPAddress, userAgent }: Arrival,
  behaviours: Pick<Behaviours, 'cloudtrail-resolve-customer'>,
): CallEvent | undefined => {
  if (operation === undefined || caller === undefined || isLost(result)) return undefined;
  // The trail is there to tell what became of usage; AWS would have an event of STS as well.
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

/** What AWS writes in place of secrets. Whether it does so for registration tokens is not public; here none gets out. */
const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

const inputOf = (request: Answer['request']): CallEvent['input'] =>
  request?.operation === 'ResolveCustomer' ? { RegistrationToken: HIDDEN } : request?.input;
