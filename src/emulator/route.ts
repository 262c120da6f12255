import type { IncomingMessage } from 'node:http';
import { type Answer, answer, type Times } from './answer.ts';
import { answerCall } from './answer-call.ts';
import { CLOUDTRAIL } from './cloudtrail/model.ts';
import { type Controls, controlReply, isControlPath } from './control.ts';
import { guardRefusal, readBody } from './http.ts';
import { catalogOperation, isMarketplaceOperation } from './marketplace/model.ts';
import { isListing, marketplaceReply } from './marketplace/reply.ts';
import { isLost, jsonReply, type Reply, refusalReply } from './reply.ts';
import { isRefusal, type Refusal, refuse } from './rules/refusals.ts';
import type { Service } from './service.ts';
import { headersOf } from './signing/canonical-request.ts';
import { identityReply, isIdentity, STS, stsRefusalReply } from './sts.ts';

export type RouteContext = {
  readonly service: Service;
  readonly controls: Controls;
  readonly onLoopback: boolean;
};

/** A reply, and what the log and the statistics need to know about it. */
export type Routed = {
  readonly reply: Reply;
  /** Undefined for the control plane. */
  readonly answer: Answer | undefined;
  /** The error inside the emulator, when it caused an internal error as the reply. */
  readonly failure?: unknown;
};

/**
 * Routes a request to the service or to the control plane. Undefined when the caller has disconnected. Never rejects: an
 * error inside the emulator is an internal error to the caller, and a `failure` in the log.
 */
export const route = async (
  request: IncomingMessage,
  context: RouteContext,
  times: Times,
): Promise<Routed | undefined> => {
  try {
    return await dispatch(request, context, times);
  } catch (failure) {
    return { ...refused(refuse('InternalServiceErrorException'), context.service), failure };
  }
};

/** The path without the query, which contains the signature of a presigned request. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

/** A catalog may be large. */
const CONTROL_BYTES = 8 << 20;

const dispatch = async (
  request: IncomingMessage,
  context: RouteContext,
  times: Times,
): Promise<Routed | undefined> => {
  const { method = '', url = '' } = request;
  const guarded = guardRefusal(request.headers, context.onLoopback);
  const { service } = context;
  if (guarded !== undefined) return refused(guarded, service);
  const path = pathOf(url);
  if (isControlPath(path)) {
    const body = await readBody(request, CONTROL_BYTES);
    if (body.kind === 'gone') return undefined;
    const bytes = body.kind === 'whole' ? body.bytes : undefined;
    return { reply: await controlReply(method, path, bytes, context.controls), answer: undefined };
  }
  if (isProbe(request, path)) {
    // Not a call, so it is not counted.
    const { reply } = refused(refuse('UnknownOperationException', undefined, 404), service);
    return { reply, answer: undefined };
  }
  if ((method !== 'POST' || path !== '/') && catalogOperation(method, path) === undefined) {
    return refused(refuse('UnknownOperationException', undefined, 404), service);
  }

  const body = await readBody(request, Number(service.behaviours['size-limit']));
  if (body.kind === 'gone') return undefined;
  if (body.kind === 'too large') return tooLarge(service);
  const headers = headersOf(request.rawHeaders);
  return routedOf(await answerCall({ method, url, headers, body: body.bytes }, service, times), service);
};

/** An unsigned GET checks that the service is reachable, and what time it is there. */
const isProbe = ({ method, headers, url = '' }: IncomingMessage, path: string): boolean =>
  method === 'GET' && path === '/' && headers.authorization === undefined && !url.includes('?');

const routedOf = (answered: Answer, service: Service): Routed => {
  const reply = replyOf(answered, service);
  return { reply: answered.fault === undefined ? reply : answered.fault.reply(reply), answer: answered };
};

const replyOf = ({ operation, result }: Answer, { behaviours }: Service): Reply => {
  if (isMarketplaceOperation(operation) && (isRefusal(result) || isListing(result)))
    return marketplaceReply(operation, result);
  if (isRefusal(result)) {
    if (operation === STS.operation) return stsRefusalReply(result);
    const namespace = operation === 'LookupEvents' ? CLOUDTRAIL.errorNamespace : undefined;
    return refusalReply(result, behaviours, namespace);
  }
  if (isIdentity(result)) return identityReply(result);
  return isLost(result) ? result.reply : jsonReply(result);
};

const refused = (result: Refusal, service: Service): Routed => routedOf(answer(result), service);

/** The API reference of BatchMeterUsage says "less than 1 MB"; the error for a larger request is not public. */
const tooLarge = (service: Service): Routed => {
  const { 'size-limit': limit, 'size-limit-error': error } = service.behaviours;
  const name = error === '413' ? 'RequestEntityTooLargeException' : 'ValidationException';
  const routed = refused(refuse(name, `A request must be less than ${limit} bytes.`), service);
  const headers = { ...routed.reply.headers, Connection: 'close' };
  return { ...routed, reply: { ...routed.reply, headers } };
};
