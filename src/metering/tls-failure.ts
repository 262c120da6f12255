import { connect } from 'node:tls';

/**
 * What a failure of TLS means.
 * - `client-certificate`: the server requires a client certificate
 * - `not-tls`: what came back is not TLS
 * - `refused`: there is no common version or cipher, or the server gives no reason
 */
type TlsFailure = 'client-certificate' | 'not-tls' | 'refused';

/** Alerts about the client's certificate, of which we send none. Source: RFC 8446, section 6.2. */
const CLIENT_CERTIFICATE_ALERTS: readonly number[] = [42, 43, 44, 45, 46, 48, 49, 116];

/** Only TLS 1.3 has it. */
const CERTIFICATE_REQUIRED = 116;

/** `handshake_failure`, `protocol_version`, `insufficient_security`. */
const REFUSALS: readonly number[] = [40, 70, 71];

/** The meaning of OpenSSL's message; undefined: something that may pass. */
export const tlsFailure = (message: string): TlsFailure | undefined => {
  const alert = alertIn(message);
  if (alert !== undefined) {
    if (CLIENT_CERTIFICATE_ALERTS.includes(alert)) return 'client-certificate';
    return REFUSALS.includes(alert) ? 'refused' : undefined;
  }
  const reason = tlsReason(message) ?? '';
  // OpenSSL reads the first bytes of an HTTP reply as a version or a length.
  if (/^(wrong version number|packet length too long)$/.test(reason)) return 'not-tls';
  return /^(unsupported protocol|no protocols available|no ciphers available)$/.test(reason)
    ? 'refused'
    : undefined;
};

/**
 * Whether the request was certainly not read, although TLS 1.3 let it out: a server that requires a certificate has not
 * finished its handshake, and reads nothing before that (RFC 8446, 4.4.2.4). It could ask for one later only if the client
 * had offered that, which Node does not.
 */
export const isUnread = (message: string): boolean => alertIn(message) === CERTIFICATE_REQUIRED;

/** OpenSSL's reason: `wrong version number`. */
export const tlsReason = (message: string): string | undefined =>
  /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];

const alertIn = (message: string): number | undefined => {
  const number = /SSL alert number ([0-9]{1,3})/.exec(message)?.[1];
  return number === undefined ? undefined : Number(number);
};

/** Whether these bytes, which are not HTTP, are a TLS alert: the reply to a request without TLS. */
export const isTlsAlert = (bytes: unknown): boolean =>
  bytes instanceof Uint8Array && bytes[0] === 0x15 && bytes[1] === 0x03;

/** How long a server gets to show that it speaks TLS. */
const PROBE_TIMEOUT_MS = 2_000;

/**
 * Whether a port that closed a plain http connection without a reply speaks TLS. Only a TLS hello is sent; a certificate
 * that is not trusted proves it as well. Never rejects.
 */
export const speaksTls = ({
  hostname,
  port,
}: {
  readonly hostname: string;
  readonly port: number;
}): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port });
    const end = (answer: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(false), PROBE_TIMEOUT_MS);
    socket.once('secureConnect', () => end(true));
    socket.on('error', ({ code, message }: NodeJS.ErrnoException) =>
      end(isDistrust(code) || alertIn(message) !== undefined || tlsFailure(message) === 'refused'),
    );
    socket.once('close', () => end(false));
  });

/** Node checks the certificate before it lets the request out. */
export const isDistrust = (code: string | undefined): boolean =>
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/.test(code ?? '');
