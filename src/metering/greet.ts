import { HttpRequest } from '@smithy/core/protocols';
import type { Transport } from './transport.ts';

export type Greeting = {
  readonly status: number;
  /** With it the answer is AWS's, or that of an emulator. */
  readonly requestId: string | undefined;
  /** What its clock showed, epoch milliseconds, to the second. */
  readonly dateMs: number | undefined;
};

/** Asks an endpoint for its root: no operation, unsigned. AWS answers that there is no such thing, and what time it is. */
export const greet = async (
  transport: Transport,
  url: URL,
  timeoutMs: number,
  userAgent: string,
): Promise<Greeting> => {
  const { status, headers } = await transport.send(
    new HttpRequest({
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== '' && { port: Number(url.port) }),
      path: url.pathname,
      headers: { host: url.host, 'user-agent': userAgent },
    }),
    { timeoutMs },
  );
  const dateMs = Date.parse(headers['date'] ?? '');
  return {
    status,
    requestId: headers['x-amzn-requestid'],
    dateMs: Number.isNaN(dateMs) ? undefined : dateMs,
  };
};
