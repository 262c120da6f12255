import type { Readable } from 'node:stream';
import type { HttpRequest } from '@smithy/core/protocols';
import { KnownError } from '../errors.ts';
import { createHandler } from './handler.ts';
import { fromNode } from './network-causes.ts';
import { Interrupted, NetworkError, type RouteFacts, stopped, timedOut } from './network-error.ts';
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

/** A reply echoes its request, which is under 1 MB; a reply of this size is not from AWS. */
const REPLY_LIMIT_BYTES = 4_000_000;

/** HTTP with keep-alive connections. It follows no redirects, does not decompress, and limits the size of a reply. */
export const createTransport = (
  replyLimitBytes = REPLY_LIMIT_BYTES,
  network: Network = DIRECT,
): Transport => {
  const handler = createHandler(network);
  return {
    send: async (request, { timeoutMs, signal }) => {
      if (signal?.aborted)
        throw new NetworkError('stopped before it was sent', { code: 'Stopped', sent: false });
      // Not AbortSignal.timeout and AbortSignal.any: tens of thousands of them would stay alive until the timeout.
      const aborter = new AbortController();
      const end = (): void => aborter.abort();
      const timer = setTimeout(end, timeoutMs);
      signal?.addEventListener('abort', end, { once: true });
      try {
        const { response } = await handler.handle(request, { abortSignal: aborter.signal });
        const body = await readBody(response.body, aborter.signal, replyLimitBytes);
        return { status: response.statusCode, headers: response.headers, body };
      } catch (error) {
        // A TypeError is a request that cannot be written: a bug, not a network failure. Others are wrong settings.
        if (error instanceof NetworkError || error instanceof TypeError || error instanceof KnownError)
          throw error;
        // Once its reply has begun, a request was written.
        const route: RouteFacts = error instanceof Interrupted ? error.route : {};
        if (signal?.aborted) throw stopped(route, error);
        if (aborter.signal.aborted) throw timedOut(route, timeoutMs, error);
        throw fromNode(error);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
      }
    },
    close: () => handler.destroy(),
  };
};

/** With events: an iterator over the stream would take longer than reading it. */
const readBody = (stream: Readable, signal: AbortSignal, limitBytes: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    stream.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= limitBytes) return;
      const message = 'the reply is larger than any reply from AWS';
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

/** AWS sends UTF-8. Anything else, such as a compressed page from a proxy, counts as an empty body. */
const textIn = (bytes: Uint8Array): string => {
  try {
    return UTF_8.decode(bytes);
  } catch {
    return '';
  }
};

const UTF_8 = new TextDecoder('utf-8', { fatal: true });
