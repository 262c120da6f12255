import type { Readable } from 'node:stream';
import type { HttpRequest } from '@smithy/core/protocols';
import { createHandler } from './handler.ts';
import { fromNode, Interrupted, NetworkError, type RouteFacts, stopped, timedOut } from './network-error.ts';
import { DIRECT, type Network } from './proxy.ts';

export type HttpReply = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** One signed request, one reply. Rejects with a NetworkError. */
export type Transport = {
  readonly send: (
    request: HttpRequest,
    limits: { timeoutMs: number; signal?: AbortSignal | undefined },
  ) => Promise<HttpReply>;
  readonly close: () => void;
};

/** A reply echoes its request, which is under 1 MB; this much more is somebody else's. */
const REPLY_LIMIT_BYTES = 4_000_000;

/** HTTP with kept-alive connections. Follows no redirect, undoes no compression, reads no more than so much of a reply. */
export const createTransport = (
  replyLimitBytes = REPLY_LIMIT_BYTES,
  network: Network = DIRECT,
): Transport => {
  const handler = createHandler(network);
  return {
    send: async (request, { timeoutMs, signal }) => {
      if (signal?.aborted)
        throw new NetworkError('stopped before it was sent', { code: 'Stopped', sent: false });
      // Not AbortSignal.timeout and AbortSignal.any: those live on for the whole time, tens of thousands of them.
      const ender = new AbortController();
      const end = (): void => ender.abort();
      const timer = setTimeout(end, timeoutMs);
      signal?.addEventListener('abort', end, { once: true });
      try {
        const { response } = await handler.handle(request, { abortSignal: ender.signal });
        const body = await readBody(response.body, ender.signal, replyLimitBytes);
        return { status: response.statusCode, headers: response.headers, body };
      } catch (error) {
        // A TypeError is a request that cannot be written: a mistake of ours, and no matter of the network.
        if (error instanceof NetworkError || error instanceof TypeError) throw error;
        // Once its reply began, a request was written.
        const way: RouteFacts = error instanceof Interrupted ? error.way : {};
        if (signal?.aborted) throw stopped(way, error);
        if (ender.signal.aborted) throw timedOut(way, timeoutMs, error);
        throw fromNode(error);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
      }
    },
    close: () => handler.destroy(),
  };
};

/** By events: an iterator over the stream takes longer than the reading. */
const readBody = (stream: Readable, signal: AbortSignal, limitBytes: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    stream.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= limitBytes) return;
      const message = 'the reply is larger than any reply of AWS';
      stream.destroy(new NetworkError(message, { code: 'ReplyTooLarge', sent: true }));
    });
    stream.on('error', reject);
    stream.on('close', () => {
      if (!stream.readableEnded) reject(fromNode(Object.assign(new Error(), { code: 'ECONNRESET' })));
    });
    stream.on('end', () => {
      if (signal.aborted) reject(signal.reason);
      else resolve(textIn(Buffer.concat(chunks, bytes)));
    });
  });

/** AWS sends UTF-8. What is something else, such as a compressed page of a proxy, reads as no body at all. */
const textIn = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return '';
  }
};
