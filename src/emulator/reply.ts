import type { ServerResponse } from 'node:http';
import { SERVICE } from '../usage/wire.ts';
import type { Behaviours } from './behaviours/behaviours.ts';
import type { Refusal } from './rules/refusals.ts';

export type Reply = {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Headers besides those of every reply. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly withoutRequestId?: boolean;
  /** The body contains the request id, at REQUEST_ID. */
  readonly namesRequest?: true | undefined;
  readonly delayMs?: number;
  /** Where the connection is closed: before the reply, in its head, or half-way through its body. */
  readonly cut?: 'before' | 'head' | 'body';
};

/** The placeholder of the request id in a body. */
export const REQUEST_ID = '{request-id}';

/** The reply to a request that did not reach the service. */
export type Lost = { readonly kind: 'lost'; readonly reply: Reply };

export const isLost = (result: object): result is Lost => 'kind' in result && result.kind === 'lost';

export const jsonReply = (value: unknown): Reply => ({
  status: 200,
  contentType: SERVICE.contentType,
  body: JSON.stringify(value),
});

/** An error in AWS JSON 1.1. No captured error of this service is public: see `error-…` in `BEHAVIOURS`. */
export const refusalReply = (
  { status, error, message, headers }: Refusal,
  behaviours: Behaviours,
  namespace: string = NAMESPACES[behaviours['error-namespace']],
): Reply => {
  const type = `${namespace}${error}`;
  const place = behaviours['error-type'];
  return {
    status,
    contentType: SERVICE.contentType,
    body: JSON.stringify({
      ...(place !== 'header' && { __type: type }),
      [behaviours['error-message']]: message,
    }),
    headers: { ...(place !== 'body' && { 'x-amzn-ErrorType': type }), ...headers },
  };
};

const NAMESPACES = {
  smithy: 'com.amazonaws.marketplacemetering#',
  sdk: 'com.amazonaws.marketplace.metering#',
  none: '',
} as const satisfies Record<Behaviours['error-namespace'], string>;

/**
 * Every reply has a `Date`, which clients use to correct their clocks, and a request id. A fault can delay or cut the
 * reply.
 */
export const sendReply = (response: ServerResponse, reply: Reply, requestId: string, at: Date): void => {
  const { delayMs, cut } = reply;
  if (reply.namesRequest === true) {
    const body = reply.body.replace(REQUEST_ID, requestId);
    sendReply(response, { ...reply, body, namesRequest: undefined }, requestId, at);
  } else if (delayMs !== undefined) {
    // The timer does not keep a stopping emulator alive: the connection is closed by then.
    setTimeout(sendReply, delayMs, response, { ...reply, delayMs: undefined }, requestId, at).unref();
  } else if (cut !== undefined) {
    sendPart(response, reply, requestId, at);
  } else {
    const bytes = writeHead(response, reply, requestId, at);
    // As many bytes as characters means ASCII, which does not need encoding.
    response.end(reply.body, bytes === reply.body.length ? 'latin1' : 'utf8');
  }
};

/** The head announces the complete body; returns its length in bytes. */
const writeHead = (response: ServerResponse, reply: Reply, requestId: string, at: Date): number => {
  const bytes = Buffer.byteLength(reply.body);
  response.writeHead(reply.status, {
    'Content-Type': reply.contentType,
    'Content-Length': bytes,
    ...(reply.withoutRequestId !== true && { 'x-amzn-RequestId': requestId }),
    Date: at.toUTCString(),
    ...reply.headers,
  });
  return bytes;
};

const sendPart = (response: ServerResponse, reply: Reply, requestId: string, at: Date): void => {
  const { socket } = response;
  if (socket === null || reply.cut === 'before') socket?.resetAndDestroy();
  else if (reply.cut === 'head')
    socket.end(`HTTP/1.1 ${reply.status} OK\r\nContent-Ty`, () => socket.destroy());
  else {
    writeHead(response, reply, requestId, at);
    response.write(reply.body.slice(0, reply.body.length / 2) || ' ', () => socket.destroy());
  }
};
