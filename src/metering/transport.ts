import type { Readable } from 'node:stream';
import type { HttpRequest } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';

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

/** No whole reply came. `sent` is false only if it is certain that no byte of the request reached a server. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code: string;
  readonly sent: boolean;

  constructor(message: string, facts: { code: string; sent: boolean; cause?: unknown }) {
    super(message, { cause: facts.cause });
    this.code = facts.code;
    this.sent = facts.sent;
  }
}

const CONNECT_TIMEOUT_MS = 5_000;

/** A reply echoes its request, which is under 1 MB; this much more is somebody else's. */
const REPLY_LIMIT_BYTES = 4_000_000;

/** HTTP with kept-alive connections. Follows no redirect, undoes no compression, reads no more than 4 MB of a reply. */
export const createTransport = (): Transport => {
  const handler = new NodeHttpHandler({
    connectionTimeout: CONNECT_TIMEOUT_MS,
    // Said here, it cannot be weakened by NODE_TLS_REJECT_UNAUTHORIZED or a flag of Node.
    httpsAgent: { minVersion: 'TLSv1.2', rejectUnauthorized: true },
  });
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
        const body = await readBody(response.body, ender.signal);
        return { status: response.statusCode, headers: response.headers, body };
      } catch (error) {
        // A TypeError is a request that cannot be written: a mistake of ours, and no matter of the network.
        if (error instanceof NetworkError || error instanceof TypeError) throw error;
        if (signal?.aborted) {
          throw new NetworkError('stopped while waiting for the answer', {
            code: 'Stopped',
            sent: true,
            cause: error,
          });
        }
        if (ender.signal.aborted) {
          const seconds = Math.round(timeoutMs / 100) / 10;
          throw new NetworkError(`no answer within ${seconds} s`, {
            code: 'Timeout',
            sent: true,
            cause: error,
          });
        }
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
const readBody = (stream: Readable, signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    stream.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= REPLY_LIMIT_BYTES) return;
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

/** Phases in which a connection fails before the request is written. */
const BEFORE_SENDING = new Set(['connect', 'getaddrinfo']);

const fromNode = (error: unknown): NetworkError => {
  // A name with several addresses fails with the failures of all; the first speaks for them.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { code, syscall, name, message } = first as NodeJS.ErrnoException;
  if (name === 'TimeoutError' && /did not establish a connection/.test(message)) {
    const text = `no connection within ${CONNECT_TIMEOUT_MS / 1000} s`;
    return new NetworkError(text, { code: 'ConnectTimeout', sent: false, cause: error });
  }
  const sent = !(BEFORE_SENDING.has(syscall ?? '') || isInHandshake(code, message));
  return new NetworkError(textFor(code, message), { code: code ?? name, sent, cause: error });
};

/** Node checks the certificate before it lets the request out. */
const isCertificateTrouble = (code: string | undefined): boolean =>
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/.test(code ?? '');

/**
 * Whether TLS failed while the request was still waiting for it. An `ERR_SSL_` code is none of these: it is for what
 * comes later.
 */
const isInHandshake = (code: string | undefined, message: string): boolean =>
  isCertificateTrouble(code) ||
  code === 'EPROTO' ||
  (code === 'ECONNRESET' && /before secure TLS connection/.test(message));

const textFor = (code: string | undefined, message: string): string => {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing is listening there (connection refused)';
    case 'ENOTFOUND':
      return 'the host name does not exist';
    case 'EAI_AGAIN':
      return 'the host name could not be looked up';
    case 'ECONNRESET':
    case 'EPIPE':
      return isInHandshake(code, message)
        ? 'the connection was cut before it was secure'
        : 'the connection was cut before the answer came';
    case 'EPROTO':
      return `no TLS connection could be made: ${/:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message}`;
    default:
      return isCertificateTrouble(code)
        ? `the server's certificate is not trusted: ${message.replace(/; if the root CA .*$/s, '')}`
        : message;
  }
};
