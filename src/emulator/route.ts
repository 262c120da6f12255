import type { IncomingMessage } from 'node:http';
import { LIMITS } from '../usage/limits.ts';
import { headersOf } from './canonical-request.ts';
import { CONTROL_PREFIX, type Controls, controlReply } from './control.ts';
import { guardRefusal } from './guard.ts';
import { readBody } from './read-body.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';
import { isLost, jsonReply, type Reply, refusalReply } from './reply.ts';
import { type Answer, answerCall, type Service, type Times, unaddressed } from './service.ts';

export type House = {
  readonly service: Service;
  readonly controls: Controls;
  readonly onLoopback: boolean;
};

/** A reply, and what there is to say about it: to the log and to the statistics. */
export type Routed = {
  readonly reply: Reply;
  /** Undefined for the control plane. */
  readonly answer: Answer | undefined;
  /** What went wrong inside the emulator, when the reply is an internal error for want of a better one. */
  readonly failure?: unknown;
};

/**
 * Finds out who is to answer, and has it answered. Undefined when the caller has gone. Never rejects: a fault of the
 * emulator's own is an internal error to the caller, and a `failure` to the log.
 */
export const route = async (
  request: IncomingMessage,
  house: House,
  times: Times,
): Promise<Routed | undefined> => {
  try {
    return await dispatch(request, house, times);
  } catch (failure) {
    return { ...refused(refuse('InternalServiceErrorException')), failure };
  }
};

/** Without the query, which carries the signature of a presigned request. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

const dispatch = async (
  request: IncomingMessage,
  house: House,
  times: Times,
): Promise<Routed | undefined> => {
  const { method = '', url = '' } = request;
  const guarded = guardRefusal(request.headers, house.onLoopback);
  if (guarded !== undefined) return refused(guarded);
  const path = pathOf(url);
  if (path.startsWith(CONTROL_PREFIX)) {
    const body = await readBody(request, LIMITS.requestBytes);
    if (body.kind === 'gone') return undefined;
    if (body.kind === 'too large') return tooLarge();
    return { reply: await controlReply(method, path, body.bytes, house.controls), answer: undefined };
  }
  if (method !== 'POST' || path !== '/') return refused(refuse('UnknownOperationException', undefined, 404));

  const body = await readBody(request, LIMITS.requestBytes);
  if (body.kind === 'gone') return undefined;
  if (body.kind === 'too large') return tooLarge();
  const headers = headersOf(request.rawHeaders);
  return routedOf(await answerCall({ method, url, headers, body: body.bytes }, house.service, times));
};

const routedOf = (answer: Answer): Routed => {
  const reply = replyOf(answer.result);
  return { reply: answer.strike === undefined ? reply : answer.strike.reply(reply), answer };
};

const replyOf = (result: Answer['result']): Reply => {
  if (isRefusal(result)) return refusalReply(result);
  return isLost(result) ? result.reply : jsonReply(result);
};

const refused = (result: Refusal): Routed => routedOf(unaddressed(result));

/** "Less than 1 MB", says the API reference of BatchMeterUsage; which error there is for more is not public. */
const tooLarge = (): Routed => {
  const routed = refused(
    refuse('ValidationException', `A request must be less than ${LIMITS.requestBytes} bytes.`),
  );
  return { ...routed, reply: { ...routed.reply, headers: { Connection: 'close' } } };
};
