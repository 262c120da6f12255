import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { type Refusal, refuse } from './rules/refusals.ts';

/**
 * Starts an HTTP server that nobody can hold up: slow heads, slow bodies, floods of headers or connections are cut off.
 * Rejects with Node's error (`EADDRINUSE`, `EADDRNOTAVAIL`, …) when it cannot listen.
 */
export const listen = async (host: string, port: number, onRequest: RequestListener): Promise<Server> => {
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 60_000,
      // Node looks for late ones this often; its default would let a head take 40 seconds.
      connectionsCheckingInterval: 1000,
    },
    onRequest,
  );
  // Some Nodes drop what is more than a limit without a word, and with it what nobody has signed. The size of a head is
  // bounded anyhow.
  server.maxHeadersCount = 0;
  server.maxConnections = 100;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // An accept that fails later (too many open files) is that caller's loss, not the server's end.
      server.on('error', () => {});
      resolve();
    });
  });
  return server;
};

/** Stops listening and drops whoever is connected. */
export const stopListening = (server: Server): Promise<void> =>
  new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** The address the server is bound to. */
export const addressOf = (server: Server): { address: string; port: number } => {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no TCP address');
  return bound;
};

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'too large' }
  /** The caller left before the end: nobody waits for an answer. */
  | { readonly kind: 'gone' };

/** A caller who is told too early may see a broken connection instead of the answer; one who never ends is cut off. */
const DRAIN_FACTOR = 8;

/** Reads a body of less than `limit` bytes. Of a larger one nothing is kept: its rest is read and thrown away. */
export const readBody = (request: IncomingMessage, limit: number): Promise<Body> =>
  new Promise(resolve => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes < limit) {
        chunks.push(chunk);
        return;
      }
      chunks = [];
      if (bytes > DRAIN_FACTOR * limit) resolve({ kind: 'too large' });
    });
    request.on('end', () => {
      const [only, ...more] = chunks;
      if (bytes >= limit) resolve({ kind: 'too large' });
      else if (only !== undefined && more.length === 0) resolve({ kind: 'whole', bytes: only });
      else resolve({ kind: 'whole', bytes: Buffer.concat(chunks) });
    });
    request.on('error', () => resolve({ kind: 'gone' }));
    request.on('close', () => resolve({ kind: 'gone' }));
  });

/**
 * Keeps web pages out. A page's script always sends `Origin`, and no reply allows any. A page whose own name has been
 * made to point at this machine (DNS rebinding) betrays itself by `Host`; a server on another address than loopback
 * cannot know its names, and answers to all.
 */
export const guardRefusal = (headers: IncomingHttpHeaders, onLoopback: boolean): Refusal | undefined => {
  if (headers.origin !== undefined) {
    return refuse('AccessDeniedException', 'The emulator does not answer to web pages.');
  }
  return onLoopback && !isLoopbackHost(headers.host ?? '')
    ? refuse('AccessDeniedException', 'The emulator answers to localhost, 127.0.0.1 and [::1] only.')
    : undefined;
};

/** Whether an address the server is bound to can be reached from this machine alone. */
export const isLoopbackAddress = (address: string): boolean =>
  address === '::1' || /^(?:::ffff:)?127\./i.test(address);

const isLoopbackHost = (host: string): boolean =>
  /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?$/i.test(host);
