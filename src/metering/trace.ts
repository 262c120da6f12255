import type { World } from '../world.ts';
import type { WireEvent } from './client.ts';
import { redactBody, redactHeaders, withoutEchoes } from './redact.ts';
import { NetworkError, type Transport } from './transport.ts';

/** The transport, with everything that happens told to `trace`, secrets masked; it ends when the program is to. */
export const watched = (
  transport: Transport,
  trace: ((event: WireEvent) => void) | undefined,
  { monotonic, stop }: Pick<World, 'monotonic' | 'stop'>,
): Transport => ({
  ...transport,
  send: async (request, limits) => {
    const operation = request.method === 'GET' ? 'a probe' : 'GetCallerIdentity';
    const body = String(request.body ?? '');
    const url = `${request.protocol}//${request.headers['host']}${request.path}`;
    const headers = redactHeaders(request.headers);
    trace?.({ kind: 'request', operation, attempt: 1, method: request.method, url, headers, body });
    const start = monotonic();
    try {
      const reply = await transport.send(request, { ...limits, signal: stop });
      const clean = withoutEchoes(reply, { headers: request.headers, body });
      trace?.({
        kind: 'reply',
        operation,
        status: clean.status,
        ms: monotonic() - start,
        headers: redactHeaders(clean.headers),
        body: redactBody(clean.body),
      });
      return clean;
    } catch (error) {
      if (error instanceof NetworkError) {
        const { code, message } = error;
        trace?.({ kind: 'no-reply', operation, code, message, ms: monotonic() - start });
      }
      throw error;
    }
  },
});
