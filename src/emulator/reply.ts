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
  /** The body names the request: the id goes where REQUEST_ID stands. */
  readonly namesRequest?: true | undefined;
  readonly delayMs?: number;
  /** Where the connection breaks: before the reply, in its head, or half-way through its body. */
  readonly cut?: 'before' | 'head' | 'body';
};

/** Stands for the id in a body that names it. */
export const REQUEST_ID = '{request-id}';

/** What a caller sees of a request that never got to the service. */
export type Lost = { readonly kind: 'lost'; readonly reply: Reply };

export const isLost = (result: object): result is Lost => 'kind' in result && result.kind === 'lost';

export const jsonReply = (value: unknown): Reply => ({
  status: 200,
  contentType: SERVICE.contentType,
  body: JSON.stringify(value),
});

/** An error as AWS JSON 1.1 writes it. No raw capture of this service's errors is public: see `error-…` in `BEHAVIOURS`. */
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
 * Every reply says when it was given and has an id: clients set their clocks by the one and quote the other. A reply
 * with a fault comes late, or not whole.
 */
export const sendReply = (response: ServerResponse, reply: Reply, requestId: string, at: Date): void => {
  const { delayMs, cut } = reply;
  if (reply.namesRequest === true) {
    const body = reply.body.replace(REQUEST_ID, requestId);
    sendReply(response, { ...reply, body, namesRequest: undefined }, requestId, at);
  } else if (delayMs !== undefined) {
    // Not waited for when the emulator stops: the connection is gone by then.
    setTimeout(sendReply, delayMs, response, { ...reply, delayMs: undefined }, requestId, at).unref();
  } else if (cut !== undefined) {
    sendPart(response, reply, requestId, at);
  } else {
    const bytes = writeHead(response, reply, requestId, at);
    // One byte for each character: then it is ASCII, and need not be encoded.
    response.end(reply.body, bytes === reply.body.length ? 'latin1' : 'utf8');
  }
};

/** The head promises the whole body; gives how long that is. */
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
