import { createServer, type RequestListener, type Server } from 'node:http';

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
