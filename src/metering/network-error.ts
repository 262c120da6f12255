import { type Bundle, type HttpProxy, proxyText } from './proxy.ts';
import type { Stage } from './request-progress.ts';
import { isDistrust, isTlsAlert, isUnread, tlsReason, tlsTrouble } from './tls-failure.ts';

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

export const CONNECT_TIMEOUT_MS = 5_000;

/** What is known of the way a request took. */
export type RouteFacts = {
  readonly proxy?: HttpProxy | undefined;
  readonly bundle?: Bundle | undefined;
  /** What the request was waiting for; undefined: its answer. */
  readonly stage?: Stage | undefined;
  /** Whether the connection was made for this request. */
  readonly isFresh?: boolean | undefined;
};

/** The caller has given the request up. */
export class Interrupted extends Error {
  // As AWS's packages know it.
  override readonly name = 'AbortError';
  readonly way: RouteFacts;

  constructor(way: RouteFacts, cause: unknown) {
    super('the request was given up', { cause });
    this.way = way;
  }
}

/** In our words, from what Node says. */
export const fromNode = (error: unknown, way: RouteFacts = {}): NetworkError => {
  // A name with several addresses fails with the failures of all; the first speaks for them.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { code: ownCode, name, message } = first as NodeJS.ErrnoException;
  const { proxy, bundle, stage = 'answer' } = way;
  const sent = stage === 'answer';
  // What is EPROTO on a connection of its own has the name of its fault in a tunnel.
  const code = !sent && ownCode?.startsWith('ERR_SSL_') ? 'EPROTO' : ownCode;
  if (name === 'TimeoutError' && /did not establish a connection/.test(message))
    return timedOut(way, CONNECT_TIMEOUT_MS, error);
  if (proxy !== undefined) {
    if (code === 'ERR_PROXY_TUNNEL') return fromTunnel(first as TunnelError, way, proxy);
    if (stage === 'lookup' || stage === 'connect') {
      const text = `the proxy ${proxyText(proxy)} cannot be reached: ${textFor(code, message)}`;
      return new NetworkError(text, { code: 'ProxyUnreachable', sent, cause: error });
    }
    if ((stage === 'reply' || stage === 'rest-of-reply') && (code === 'ECONNRESET' || code === 'EPIPE')) {
      const text = `the proxy ${proxyText(proxy)} closed the connection`;
      return new NetworkError(text, { code: 'ProxyFailed', sent, cause: error });
    }
  }
  const trouble = tlsTrouble(message);
  if (trouble === 'client-certificate' || (trouble === 'not-tls' && !sent))
    return fromTls(trouble, message, way, error);
  // A server that answers HTTP with an alert of TLS has read none of it.
  if (isTlsAlert((first as { rawPacket?: unknown }).rawPacket))
    return tlsExpected(way, { sent: sent && way.isFresh !== true, cause: error });
  const isUntrusted = isDistrust(code);
  const trusted = bundle !== undefined && IS_STRANGER.test(code ?? '') ? trustedText(bundle) : '';
  const isOfProxy = proxy !== undefined && stage === 'handshake';
  const through =
    sent || proxy === undefined
      ? ''
      : isOfProxy
        ? ` (the proxy ${proxyText(proxy)})`
        : ` (through the proxy ${proxyText(proxy)})`;
  const whose = isOfProxy ? "the proxy's" : "the server's";
  return new NetworkError(`${textFor(code, message, { isEarly: !sent, whose })}${trusted}${through}`, {
    code: code ?? name,
    sent,
    isLasting: isUntrusted || (!sent && trouble === 'refused'),
    cause: error,
  });
};

const OF_PROXY: readonly Stage[] = ['handshake', 'reply', 'rest-of-reply'];

const fromTls = (
  trouble: 'client-certificate' | 'not-tls',
  message: string,
  { proxy, stage = 'answer', isFresh = false }: RouteFacts,
  cause: unknown,
): NetworkError => {
  const isOfProxy = proxy !== undefined && OF_PROXY.includes(stage);
  const name = proxy === undefined ? '' : `the proxy ${proxyText(proxy)}`;
  const who = isOfProxy ? name : `the server${proxy === undefined ? '' : ` (through ${name})`}`;
  if (trouble === 'not-tls') {
    const text = `${who} does not speak TLS: it looks like ${isOfProxy ? 'a proxy of plain http' : 'plain http'}`;
    return new NetworkError(text, {
      code: isOfProxy ? 'ProxyNotTls' : 'NotTls',
      sent: false,
      isLasting: true,
      cause,
    });
  }
  return new NetworkError(`${who} asks for a client certificate, and ampmeter sends none`, {
    code: 'ClientCertificateRequired',
    sent: stage === 'answer' && !(isFresh && isUnread(message)),
    isLasting: true,
    cause,
  });
};

/** A port may speak both. */
const WITHOUT_A_WORD = '; it cut the connection without a word, which does not prove that it read nothing';

/** A request in clear went to a port of TLS. */
export const tlsExpected = (
  { proxy }: RouteFacts,
  { sent, cause }: { readonly sent: boolean; readonly cause: unknown },
): NetworkError =>
  proxy === undefined
    ? new NetworkError(
        `the server speaks TLS at this port, and the URL says http${sent ? WITHOUT_A_WORD : ''}`,
        {
          code: 'TlsExpected',
          sent,
          isLasting: true,
          cause,
        },
      )
    : new NetworkError(`the proxy ${proxyText(proxy)} speaks TLS, and its URL says http`, {
        code: 'ProxyTlsExpected',
        sent: false,
        isLasting: true,
        // Not Node's error: older ones have put the password into it.
      });

/** What the request waited for did not come in time. */
export const timedOut = (way: RouteFacts, limitMs: number, cause?: unknown): NetworkError => {
  const { stage = 'answer' } = way;
  const limit = `within ${Math.round(limitMs / 100) / 10} s`;
  return new NetworkError(`${missingText(way)} ${limit}`, {
    code: codeOfTimeout(stage, way.proxy !== undefined),
    sent: stage === 'answer',
    cause,
  });
};

/** The program was told to end. */
export const stopped = (way: RouteFacts, cause?: unknown): NetworkError => {
  const sent = (way.stage ?? 'answer') === 'answer';
  const text = sent
    ? 'stopped while waiting for the answer'
    : `stopped before it was sent: ${missingText(way)}`;
  return new NetworkError(text, { code: 'Stopped', sent, cause });
};

const codeOfTimeout = (stage: Stage, hasProxy: boolean): string => {
  switch (stage) {
    case 'socket':
      return 'ConnectTimeout';
    case 'lookup':
    case 'connect':
      return hasProxy ? 'ProxyUnreachable' : 'ConnectTimeout';
    case 'handshake':
      return hasProxy ? 'ProxyUnreachable' : 'TlsTimeout';
    case 'tunnel':
      return 'TlsTimeout';
    case 'reply':
    case 'rest-of-reply':
      return 'ProxyFailed';
    case 'answer':
      return 'Timeout';
    default:
      return stage satisfies never;
  }
};

/** What did not happen, and who is to blame for it. */
const missingText = ({ proxy, stage = 'answer' }: RouteFacts): string => {
  const name = proxy === undefined ? undefined : `the proxy ${proxyText(proxy)}`;
  switch (stage) {
    case 'socket':
      return 'no connection was free';
    case 'lookup':
      return name === undefined ? 'the host name was not found' : `the host name of ${name} was not found`;
    case 'connect':
      return name === undefined ? 'no connection' : `no connection to ${name}`;
    case 'handshake':
      return `${name ?? 'the server'} accepted the connection and did not finish the TLS handshake`;
    case 'reply':
      return `${name} did not answer CONNECT`;
    case 'rest-of-reply':
      return `${name} did not finish its answer to CONNECT`;
    case 'tunnel':
      return `${name} opened a tunnel, and the server did not finish the TLS handshake`;
    case 'answer':
      return 'no answer';
    default:
      return stage satisfies never;
  }
};

/** The authority is not one of those that are trusted. */
const IS_STRANGER = /^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

const trustedText = ({ path, source }: Bundle): string =>
  `; only the authorities in ${path} (${source}) are trusted`;

/** Node's error, which has the status the proxy answered CONNECT with; it is not kept, for older Nodes put the password into it. */
type TunnelError = {
  readonly message: string;
  readonly statusCode?: number;
  readonly proxyTunnelTimeout?: number;
};

const fromTunnel = (
  { statusCode, proxyTunnelTimeout, message }: TunnelError,
  way: RouteFacts,
  proxy: HttpProxy,
): NetworkError => {
  const name = `the proxy ${proxyText(proxy)}`;
  // By now Node has taken its time limit off the connection, as it does when the reply is whole.
  const stage = way.stage === 'tunnel' ? 'rest-of-reply' : way.stage;
  if (proxyTunnelTimeout !== undefined) return timedOut({ ...way, stage }, proxyTunnelTimeout);
  if (statusCode === undefined || Number.isNaN(statusCode)) {
    const what = /ended/.test(message) ? 'closed the connection' : 'does not answer as a proxy does';
    return new NetworkError(`${name} ${what}`, { code: 'ProxyFailed', sent: false });
  }
  const status = `(HTTP ${statusCode})`;
  if (statusCode === 407) {
    const isNamed = proxy.url.username !== '' || proxy.url.password !== '';
    const what = isNamed
      ? 'does not accept this user name and password'
      : 'asks for a user name and password';
    return new NetworkError(`${name} ${what} ${status}`, {
      code: 'ProxyAuthentication',
      sent: false,
      isLasting: true,
    });
  }
  if (statusCode >= 500 || statusCode === 429 || statusCode === 408) {
    return new NetworkError(`${name} could not connect to it ${status}`, {
      code: 'ProxyFailed',
      sent: false,
    });
  }
  return new NetworkError(`${name} refuses to connect to it ${status}`, {
    code: 'ProxyRefused',
    sent: false,
    isLasting: true,
  });
};

/** What OpenSSL says shortest. */
const TLS_REASONS: readonly (readonly [said: RegExp, text: string])[] = [
  [
    /alert number 40\b/,
    'the other side refused the handshake, and may want a client certificate or another cipher',
  ],
  [
    /alert number 7[01]\b|unsupported protocol|no protocols/,
    'the other side speaks another version of TLS alone',
  ],
];

const textFor = (
  code: string | undefined,
  message: string,
  { isEarly = false, whose = "the server's" } = {},
): string => {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing is listening there (connection refused)';
    case 'ENOTFOUND':
      return 'the host name does not exist';
    case 'EAI_AGAIN':
      return 'the host name could not be looked up';
    case 'ECONNRESET':
    case 'EPIPE':
      return isEarly
        ? 'the connection was cut before it was secure'
        : 'the connection was cut before the answer came';
    case 'EPROTO':
      return `no TLS connection could be made: ${TLS_REASONS.find(([said]) => said.test(message))?.[1] ?? tlsReason(message) ?? message}`;
    default:
      return isDistrust(code)
        ? `${whose} certificate is not trusted: ${message.replace(/; if the root CA .*$/s, '')}`
        : message;
  }
};
