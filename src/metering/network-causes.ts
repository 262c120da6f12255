import { NetworkError, type RouteFacts, timedOut } from './network-error.ts';
import { type Bundle, type HttpProxy, proxyText } from './proxy.ts';
import type { Stage } from './request-progress.ts';
import { isDistrust, isTlsAlert, isUnread, tlsFailure, tlsReason } from './tls-failure.ts';

/** How long a connection may take. */
export const CONNECT_TIMEOUT_MS = 5_000;

/** Node's error in our words. */
export const fromNode = (error: unknown, route: RouteFacts = {}): NetworkError => {
  // A name with several addresses fails once for each; the first error stands for all.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { code: ownCode, name, message } = first as NodeJS.ErrnoException;
  const { proxy, bundle, stage = 'response' } = route;
  const sent = stage === 'response';
  // EPROTO of a direct connection has a more specific code in a tunnel.
  const code = !sent && ownCode?.startsWith('ERR_SSL_') ? 'EPROTO' : ownCode;
  if (name === 'TimeoutError' && /did not establish a connection/.test(message))
    return timedOut(route, CONNECT_TIMEOUT_MS, error);
  if (proxy !== undefined) {
    if (code === 'ERR_PROXY_TUNNEL') return fromTunnel(first as TunnelError, route, proxy);
    if (stage === 'lookup' || stage === 'connect') {
      const text = `the proxy ${proxyText(proxy)} cannot be reached: ${textFor(code, message)}`;
      return new NetworkError(text, { code: 'ProxyUnreachable', sent, cause: error });
    }
    if (
      (stage === 'proxy-reply' || stage === 'rest-of-proxy-reply') &&
      (code === 'ECONNRESET' || code === 'EPIPE')
    ) {
      const text = `the proxy ${proxyText(proxy)} closed the connection`;
      return new NetworkError(text, { code: 'ProxyFailed', sent, cause: error });
    }
  }
  const failure = tlsFailure(message);
  if (failure === 'client-certificate' || (failure === 'not-tls' && !sent))
    return fromTls(failure, message, route, error);
  // A server that replies to HTTP with a TLS alert has not read the request.
  if (isTlsAlert((first as { rawPacket?: unknown }).rawPacket))
    return tlsExpected(route, { sent: sent && route.isFresh !== true, cause: error });
  const isUntrusted = isDistrust(code);
  const trusted = bundle !== undefined && IS_UNKNOWN_AUTHORITY.test(code ?? '') ? trustedText(bundle) : '';
  const isOfProxy = proxy !== undefined && stage === 'handshake';
  const through =
    sent || proxy === undefined
      ? ''
      : isOfProxy
        ? ` (the proxy ${proxyText(proxy)})`
        : ` (through the proxy ${proxyText(proxy)})`;
  const owner = isOfProxy ? "the proxy's" : "the server's";
  return new NetworkError(`${textFor(code, message, { isEarly: !sent, owner })}${trusted}${through}`, {
    code: code ?? name,
    sent,
    isLasting: isUntrusted || (!sent && failure === 'refused'),
    cause: error,
  });
};

const OF_PROXY: readonly Stage[] = ['handshake', 'proxy-reply', 'rest-of-proxy-reply'];

const fromTls = (
  failure: 'client-certificate' | 'not-tls',
  message: string,
  { proxy, stage = 'response', isFresh = false }: RouteFacts,
  cause: unknown,
): NetworkError => {
  const isOfProxy = proxy !== undefined && OF_PROXY.includes(stage);
  const name = proxy === undefined ? '' : `the proxy ${proxyText(proxy)}`;
  const who = isOfProxy ? name : `the server${proxy === undefined ? '' : ` (through ${name})`}`;
  if (failure === 'not-tls') {
    const text = `${who} does not speak TLS: it looks like ${isOfProxy ? 'a plain http proxy' : 'plain http'}`;
    return new NetworkError(text, {
      code: isOfProxy ? 'ProxyNotTls' : 'NotTls',
      sent: false,
      isLasting: true,
      cause,
    });
  }
  return new NetworkError(`${who} requires a client certificate, and ampmeter cannot send one`, {
    code: 'ClientCertificateRequired',
    sent: stage === 'response' && !(isFresh && isUnread(message)),
    isLasting: true,
    cause,
  });
};

/** A port may accept both. */
const CLOSED_SILENTLY = '; it closed the connection without a reply, but may have read the request';

/** A request in plain http went to a TLS port. */
export const tlsExpected = (
  { proxy }: RouteFacts,
  { sent, cause }: { readonly sent: boolean; readonly cause: unknown },
): NetworkError =>
  proxy === undefined
    ? new NetworkError(
        `the server expects TLS at this port, but the URL uses http${sent ? CLOSED_SILENTLY : ''}`,
        {
          code: 'TlsExpected',
          sent,
          isLasting: true,
          cause,
        },
      )
    : new NetworkError(`the proxy ${proxyText(proxy)} expects TLS, but its URL uses http`, {
        code: 'ProxyTlsExpected',
        sent: false,
        isLasting: true,
        // No cause: older versions of Node put the password into their error.
      });

/** The authority is not among the trusted ones. */
const IS_UNKNOWN_AUTHORITY = /^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

const trustedText = ({ path, source }: Bundle): string =>
  `; only the authorities in ${path} (${source}) are trusted`;

/** Node's error with the status of the proxy's reply to CONNECT. It is not kept: older versions of Node put the password into it. */
type TunnelError = {
  readonly message: string;
  readonly statusCode?: number;
  readonly proxyTunnelTimeout?: number;
};

const fromTunnel = (
  { statusCode, proxyTunnelTimeout, message }: TunnelError,
  route: RouteFacts,
  proxy: HttpProxy,
): NetworkError => {
  const name = `the proxy ${proxyText(proxy)}`;
  // By now Node has removed the timeout of the connection, as it does when the reply is whole.
  const stage = route.stage === 'tunnel' ? 'rest-of-proxy-reply' : route.stage;
  if (proxyTunnelTimeout !== undefined) return timedOut({ ...route, stage }, proxyTunnelTimeout);
  if (statusCode === undefined || Number.isNaN(statusCode)) {
    const what = /ended/.test(message) ? 'closed the connection' : 'did not reply as a proxy does';
    return new NetworkError(`${name} ${what}`, { code: 'ProxyFailed', sent: false });
  }
  const status = `(HTTP ${statusCode})`;
  if (statusCode === 407) {
    const hasCredentials = proxy.url.username !== '' || proxy.url.password !== '';
    const what = hasCredentials ? 'rejected the user name and password' : 'requires a user name and password';
    return new NetworkError(`${name} ${what} ${status}`, {
      code: 'ProxyAuthentication',
      sent: false,
      isLasting: true,
    });
  }
  if (statusCode >= 500 || statusCode === 429 || statusCode === 408) {
    return new NetworkError(`${name} could not connect to the server ${status}`, {
      code: 'ProxyFailed',
      sent: false,
    });
  }
  return new NetworkError(`${name} refused to connect to the server ${status}`, {
    code: 'ProxyRefused',
    sent: false,
    isLasting: true,
  });
};

/** Alerts that OpenSSL describes too briefly. */
const TLS_REASONS: readonly (readonly [pattern: RegExp, text: string])[] = [
  [
    /alert number 40\b/,
    'the other side rejected the handshake, and may require a client certificate or another cipher',
  ],
  [
    /alert number 7[01]\b|unsupported protocol|no protocols/,
    'the other side supports only another version of TLS',
  ],
];

const CLOSED_EARLY = 'the connection was closed before a reply arrived';

/** What Node's codes mean. */
export const NODE_REASONS = {
  ECONNREFUSED: 'nothing is listening there (connection refused)',
  ENOTFOUND: 'the host name does not exist',
  EAI_AGAIN: 'the host name could not be looked up',
  ECONNRESET: CLOSED_EARLY,
  EPIPE: CLOSED_EARLY,
} as const;

const textFor = (
  code: string | undefined,
  message: string,
  { isEarly = false, owner = "the server's" } = {},
): string => {
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return isEarly ? 'the connection was closed before TLS was established' : NODE_REASONS[code];
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return NODE_REASONS[code];
    case 'EPROTO':
      return `the TLS connection failed: ${TLS_REASONS.find(([pattern]) => pattern.test(message))?.[1] ?? tlsReason(message) ?? message}`;
    default:
      return isDistrust(code)
        ? `${owner} certificate is not trusted: ${message.replace(/; if the root CA .*$/s, '')}`
        : message;
  }
};
