import { Readable } from 'node:stream';
import { HttpRequest, HttpResponse } from '@smithy/core/protocols';
import type { Transport } from '../metering/transport.ts';

export type TableTransport = Pick<Transport, 'send'>;

/** How long one request may take, its whole reply included. */
const TIMEOUT_MS = 10_000;

/** The client's package sends by the same transport as all other calls: with its proxies, certificates and time limits. */
export const createRequestHandler = (transport: TableTransport) => ({
  handle: async (request: HttpRequest): Promise<{ response: HttpResponse }> => {
    // The client's package gives bytes, and the transport's callers read text.
    const text = typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body);
    const asText = Object.assign(HttpRequest.clone(request), { body: text });
    const { status, headers, body } = await transport.send(asText, { timeoutMs: TIMEOUT_MS });
    return {
      response: new HttpResponse({
        statusCode: status,
        headers: { ...headers },
        body: Readable.from([Buffer.from(body)]),
      }),
    };
  },
  destroy: (): void => {},
  metadata: { handlerProtocol: 'http/1.1' },
  updateHttpClientConfig: (): void => {},
  httpHandlerConfigs: (): Record<string, never> => ({}),
});
