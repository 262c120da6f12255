import { type Bundle, type HttpProxy, proxyText } from './network.ts';

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
export type Way = {
  readonly proxy?: HttpProxy | undefined;
  readonly bundle?: Bundle | undefined;
  /** The connection was never handed to the request. */
  readonly neverOpen?: boolean;
};

/** Phases in which a connection fails before the request is written. */
const BEFORE_SENDING = new Set(['connect', 'getaddrinfo']);

/** In our words, from what Node says. */
export const fromNode = (error: unknown, way: Way = {}): NetworkError => {
  // A name with several addresses fails with the failures of all; the first speaks for them.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { code: ownCode, syscall, name, message } = first as NodeJS.ErrnoException;
  const { proxy, bundle, neverOpen = false } = way;
  // What is EPROTO on a connection of its own has the name of its fault in a tunnel.
  const code = neverOpen && ownCode?.startsWith('ERR_SSL_') ? 'EPROTO' : ownCode;
  if (code === 'ERR_PROXY_TUNNEL' && proxy !== undefined) return fromTunnel(first as TunnelError, proxy);
  if (name === 'TimeoutError' && /did not establish a connection/.test(message)) return tooSlow(proxy, error);
  if (BEFORE_SENDING.has(syscall ?? '') && proxy !== undefined) {
    const text = `the proxy ${proxyText(proxy)} cannot be reached: ${textFor(code, message)}`;
    return new NetworkError(text, { code: 'ProxyUnreachable', sent: false, cause: error });
  }
  const isUntrusted = isCertificateTrouble(code);
  const isEarly = neverOpen || BEFORE_SENDING.has(syscall ?? '') || isInHandshake(code, message);
  const trusted = bundle !== undefined && IS_STRANGER.test(code ?? '') ? trustedText(bundle) : '';
  const through = isEarly && proxy !== undefined ? ` (through the proxy ${proxyText(proxy)})` : '';
  // An https proxy shows a certificate as well, and nothing tells whose was refused.
  const whose = proxy?.url.protocol === 'https:' ? "the server's or the proxy's" : "the server's";
  return new NetworkError(`${textFor(code, message, { isEarly, whose })}${trusted}${through}`, {
    code: code ?? name,
    sent: !isEarly,
    isLasting: isUntrusted,
    cause: error,
  });
};

/** The authority is not one of those that are trusted. */
const IS_STRANGER = /^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

const trustedText = ({ path, source }: Bundle): string =>
  `; only the authorities in ${path} (${source}) are trusted`;

const tooSlow = (proxy: HttpProxy | undefined, cause?: unknown): NetworkError => {
  const through = proxy === undefined ? '' : ` through the proxy ${proxyText(proxy)}`;
  const text = `no connection${through} within ${CONNECT_TIMEOUT_MS / 1000} s`;
  return new NetworkError(text, { code: 'ConnectTimeout', sent: false, cause });
};

/** Node's error, which has the status the proxy answered CONNECT with; it is not kept, for older Nodes put the password into it. */
type TunnelError = {
  readonly message: string;
  readonly statusCode?: number;
  readonly proxyTunnelTimeout?: number;
};

const fromTunnel = (
  { statusCode, proxyTunnelTimeout, message }: TunnelError,
  proxy: HttpProxy,
): NetworkError => {
  const name = `the proxy ${proxyText(proxy)}`;
  if (proxyTunnelTimeout !== undefined) return tooSlow(proxy);
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

/** Node checks the certificate before it lets the request out. */
const isCertificateTrouble = (code: string | undefined): boolean =>
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/.test(code ?? '');

/**
 * Whether TLS failed while the request was still waiting for it. An `ERR_SSL_` code is none of these: it is for what
 * comes later.
 */
const isInHandshake = (code: string | undefined, message: string): boolean =>
  isCertificateTrouble(code) ||
  code === 'EPROTO' ||
  (code === 'ECONNRESET' && /before secure TLS connection/.test(message));

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
      return `no TLS connection could be made: ${/:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message}`;
    default:
      return isCertificateTrouble(code)
        ? `${whose} certificate is not trusted: ${message.replace(/; if the root CA .*$/s, '')}`
        : message;
  }
};
