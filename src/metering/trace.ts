import type { HttpRequest } from '@smithy/core/protocols';
import type { World } from '../world.ts';
import { NetworkError } from './network-error.ts';
import { redactBody, redactHeaders, withoutEchoes } from './redact.ts';
import type { HttpReply, Transport } from './transport.ts';

/** What happens on the network, for `--debug`. Secrets are masked here, before anything can print them. */
export type WireEvent =
  | {
      readonly kind: 'request';
      readonly operation: string;
      readonly attempt: number;
      /** POST when it is left out. */
      readonly method?: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | {
      readonly kind: 'reply';
      readonly operation: string;
      readonly status: number;
      readonly ms: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | {
      readonly kind: 'no-reply';
      readonly operation: string;
      readonly code: string;
      readonly message: string;
      readonly ms: number;
    }
  | {
      readonly kind: 'retry';
      readonly operation: string;
      readonly because: string;
      readonly delayMs: number;
    };

/** Undefined without `--debug`: then no event is made. */
export type Trace = ((event: WireEvent) => void) | undefined;

/** The description of an exchange in its events. */
type Exchange = Pick<Extract<WireEvent, { kind: 'request' }>, 'operation' | 'attempt' | 'method' | 'url'>;

type Sending = {
  readonly transport: Pick<Transport, 'send'>;
  readonly trace: Trace;
  readonly monotonic: World['monotonic'];
  /** Whether this reply is a result, which must be returned as it came. */
  readonly isResult: (reply: HttpReply) => boolean;
};

/**
 * Sends a request, reports everything that happens to `trace`, and returns the reply: a result as it came, any other
 * without the secrets of its request, because its text ends up in errors. Rejects as the transport does.
 */
export const sendTraced = async (
  request: HttpRequest,
  limits: Parameters<Transport['send']>[1],
  exchange: Exchange,
  { transport, trace, monotonic, isResult }: Sending,
): Promise<HttpReply> => {
  const { operation } = exchange;
  const body = String(request.body ?? '');
  trace?.({
    kind: 'request',
    ...exchange,
    headers: redactHeaders(request.headers),
    body: redactBody(body),
  });
  const startMs = monotonic();
  try {
    const reply = await transport.send(request, limits);
    if (isResult(reply) && trace === undefined) return reply;
    const clean = withoutEchoes(reply, { headers: request.headers, body });
    trace?.({
      kind: 'reply',
      operation,
      status: clean.status,
      ms: monotonic() - startMs,
      headers: redactHeaders(clean.headers),
      body: redactBody(clean.body),
    });
    return isResult(reply) ? reply : clean;
  } catch (error) {
    if (error instanceof NetworkError) {
      const { code, message } = error;
      trace?.({ kind: 'no-reply', operation, code, message, ms: monotonic() - startMs });
    }
    throw error;
  }
};

/** The transport for calls without retries, such as a probe: traced, and ended when the program is asked to stop. */
export const tracedTransport = (
  transport: Transport,
  trace: Trace,
  { monotonic, stop }: Pick<World, 'monotonic' | 'stop'>,
): Transport => {
  const traced = transportOf(
    transport,
    trace,
    monotonic,
    ({ method }) => (method === 'GET' ? 'a probe' : 'GetCallerIdentity'),
    () => false,
  );
  return { ...traced, send: (request, limits) => traced.send(request, { ...limits, signal: stop }) };
};

/** The transport for DynamoDB, whose requests name their operation. */
export const tracedTableTransport = (
  transport: Transport,
  trace: Trace,
  { monotonic }: Pick<World, 'monotonic'>,
): Transport =>
  transportOf(
    transport,
    trace,
    monotonic,
    ({ headers }) => headers['x-amz-target']?.split('.')[1] ?? 'DynamoDB',
    ({ status }) => status === 200,
  );

const transportOf = (
  transport: Transport,
  trace: Trace,
  monotonic: World['monotonic'],
  operationOf: (request: HttpRequest) => string,
  isResult: Sending['isResult'],
): Transport => ({
  ...transport,
  send: (request, limits) => {
    const exchange = {
      operation: operationOf(request),
      attempt: 1,
      method: request.method,
      url: `${request.protocol}//${request.headers['host']}${request.path}`,
    };
    const sending = { transport, trace, monotonic, isResult };
    return sendTraced(request, limits, exchange, sending);
  },
});
