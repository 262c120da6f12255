import { type Bundle, type HttpProxy, proxyText } from './proxy.ts';
import type { Stage } from './request-progress.ts';

/**
 * No whole reply came. `sent` is false only if it is certain that no byte of the request reached a server. `isLasting`:
 * the next attempt would end in the same way.
 */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code: string;
  readonly sent: boolean;
  readonly isLasting: boolean;

  constructor(message: string, facts: { code: string; sent: boolean; isLasting?: boolean; cause?: unknown }) {
    super(message, { cause: facts.cause });
    this.code = facts.code;
    this.sent = facts.sent;
    this.isLasting = facts.isLasting ?? false;
  }
}

/** What is known of the way a request took. */
export type RouteFacts = {
  readonly proxy?: HttpProxy | undefined;
  readonly bundle?: Bundle | undefined;
  /** What the request was waiting for; undefined: its reply. */
  readonly stage?: Stage | undefined;
  /** Whether the connection was made for this request. */
  readonly isFresh?: boolean | undefined;
};

/** The caller has aborted the request. */
export class Interrupted extends Error {
  // As AWS's packages know it.
  override readonly name = 'AbortError';
  readonly route: RouteFacts;

  constructor(route: RouteFacts, cause: unknown) {
    super('the request was aborted', { cause });
    this.route = route;
  }
}

/** What the request waited for did not come in time. */
export const timedOut = (route: RouteFacts, limitMs: number, cause?: unknown): NetworkError => {
  const { stage = 'response', proxy } = route;
  const { code, proxyCode = code } = STAGES[stage];
  return new NetworkError(`${missingText(route)} within ${Math.round(limitMs / 100) / 10} s`, {
    code: proxy === undefined ? code : proxyCode,
    sent: stage === 'response',
    cause,
  });
};

/** The program was asked to stop. */
export const stopped = (route: RouteFacts, cause?: unknown): NetworkError => {
  const sent = (route.stage ?? 'response') === 'response';
  const text = sent
    ? 'stopped while waiting for the reply'
    : `stopped before it was sent: ${missingText(route)}`;
  return new NetworkError(text, { code: 'Stopped', sent, cause });
};

/** What did not happen, and who was to do it. */
const missingText = ({ proxy, stage = 'response' }: RouteFacts): string =>
  STAGES[stage].missing(proxy === undefined ? undefined : `the proxy ${proxyText(proxy)}`);

type StageFacts = {
  /** Of the error when it takes too long. */
  readonly code: string;
  /** The same where there is a proxy, if it is another. */
  readonly proxyCode?: string;
  /** What did not happen; `proxy`: its name. */
  readonly missing: (proxy: string | undefined) => string;
};

const STAGES: Readonly<Record<Stage, StageFacts>> = {
  socket: { code: 'ConnectTimeout', missing: () => 'no connection was free' },
  lookup: {
    code: 'ConnectTimeout',
    proxyCode: 'ProxyUnreachable',
    missing: proxy => `the host name ${proxy === undefined ? '' : `of ${proxy} `}was not found`,
  },
  connect: {
    code: 'ConnectTimeout',
    proxyCode: 'ProxyUnreachable',
    missing: proxy => `no connection${proxy === undefined ? '' : ` to ${proxy}`}`,
  },
  handshake: {
    code: 'TlsTimeout',
    proxyCode: 'ProxyUnreachable',
    missing: proxy => `${proxy ?? 'the server'} accepted the connection but did not finish the TLS handshake`,
  },
  'proxy-reply': { code: 'ProxyFailed', missing: proxy => `${proxy} did not reply to CONNECT` },
  'rest-of-proxy-reply': {
    code: 'ProxyFailed',
    missing: proxy => `${proxy} did not finish its reply to CONNECT`,
  },
  tunnel: {
    code: 'TlsTimeout',
    missing: proxy => `${proxy} opened a tunnel, but the server did not finish the TLS handshake`,
  },
  response: { code: 'Timeout', missing: () => 'no reply' },
};
