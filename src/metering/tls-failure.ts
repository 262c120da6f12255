import { connect } from 'node:tls';

/**
 * What a failure of TLS means.
 * - `client-certificate`: the server wants a certificate of the caller's
 * - `not-tls`: what came back is no TLS
 * - `refused`: the two have no version or cipher in common, or the server does not say why
 */
export type TlsFailure = 'client-certificate' | 'not-tls' | 'refused';

/** Alerts about the certificate of the caller, who has sent none. Source: RFC 8446, section 6.2. */
const ABOUT_CALLER: readonly number[] = [42, 43, 44, 45, 46, 48, 49, 116];

/** TLS 1.3 alone has it. */
const CERTIFICATE_REQUIRED = 116;

/** `handshake_failure`, `protocol_version`, `insufficient_security`. */
const REFUSALS: readonly number[] = [40, 70, 71];

/** Of OpenSSL's words; undefined: something that may pass. */
export const tlsFailure = (message: string): TlsFailure | undefined => {
  const alert = alertIn(message);
  if (alert !== undefined) {
    if (ABOUT_CALLER.includes(alert)) return 'client-certificate';
    return REFUSALS.includes(alert) ? 'refused' : undefined;
  }
  const reason = tlsReason(message) ?? '';
  // OpenSSL takes the first bytes of an HTTP answer for a version, or for a length.
  if (/^(wrong version number|packet length too long)$/.test(reason)) return 'not-tls';
  return /^(unsupported protocol|no protocols available|no ciphers available)$/.test(reason)
    ? 'refused'
    : undefined;
};

/**
 * Whether it is certain that the request was not read, although TLS 1.3 had let it out: a server that requires a
 * certificate has not ended its part of the handshake, and reads nothing before it has (RFC 8446, 4.4.2.4). It could ask
 * for one later only if the caller had offered that, which Node does not.
 */
export const isUnread = (message: string): boolean => alertIn(message) === CERTIFICATE_REQUIRED;

/** OpenSSL's reason: `wrong version number`. */
export const tlsReason = (message: string): string | undefined =>
  /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];

const alertIn = (message: string): number | undefined => {
  const number = /SSL alert number ([0-9]{1,3})/.exec(message)?.[1];
  return number === undefined ? undefined : Number(number);
};

/** A record of TLS with an alert: the answer to what is no TLS. The bytes that an HTTP parser did not understand. */
export const isTlsAlert = (bytes: unknown): boolean =>
  bytes instanceof Uint8Array && bytes[0] === 0x15 && bytes[1] === 0x03;

/** So long a server may take to show that it speaks TLS, milliseconds. */
const PROBE_MS = 2_000;

/**
 * Whether TLS is spoken at a port where a request in clear was cut off without a word. Nothing is sent but the greeting of
 * TLS; a certificate that is not trusted is an answer as well. Never rejects.
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
    const timer = setTimeout(() => end(false), PROBE_MS);
    socket.once('secureConnect', () => end(true));
    socket.on('error', ({ code, message }: NodeJS.ErrnoException) =>
      end(isDistrust(code) || alertIn(message) !== undefined || tlsFailure(message) === 'refused'),
    );
    socket.once('close', () => end(false));
  });

/** Node checks the certificate before it lets the request out. */
export const isDistrust = (code: string | undefined): boolean =>
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/.test(code ?? '');
