import http, { Agent } from 'node:http';

/**
 * Keeps the requests for the metadata and the credentials of this machine away from a proxy: with NODE_USE_ENV_PROXY
 * Node itself would send all plain http through HTTP_PROXY, and AWS's package for them leaves the choice to Node.
 */
export const bypassProxyForMetadata = (): void => {
  http.globalAgent = new Agent({ keepAlive: true, timeout: 5_000 });
};
