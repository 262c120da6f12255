import type { ServerResponse } from 'node:http';
import { SERVICE } from '../metering/wire.ts';
import type { Refusal } from './refusals.ts';

export type Reply = {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Headers besides those of every reply. */
  readonly headers?: Readonly<Record<string, string>>;
};

export const jsonReply = (value: unknown): Reply => ({
  status: 200,
  contentType: SERVICE.contentType,
  body: JSON.stringify(value),
});

/**
 * An error as AWS JSON 1.1 writes it. No raw capture of this service's errors is public; the namespace is that of its
 * Smithy model.
 */
export const refusalReply = ({ status, error, message }: Refusal): Reply => ({
  status,
  contentType: SERVICE.contentType,
  body: JSON.stringify({ __type: `com.amazonaws.marketplacemetering#${error}`, message }),
});

/** Every reply says when it was given and has an id: clients set their clocks by the one and quote the other. */
export const sendReply = (response: ServerResponse, reply: Reply, requestId: string, at: Date): void => {
  const bytes = Buffer.byteLength(reply.body);
  response.writeHead(reply.status, {
    'Content-Type': reply.contentType,
    'Content-Length': bytes,
    'x-amzn-RequestId': requestId,
    Date: at.toUTCString(),
    ...reply.headers,
  });
  // One byte for each character: then it is ASCII, and need not be encoded.
  response.end(reply.body, bytes === reply.body.length ? 'latin1' : 'utf8');
};
