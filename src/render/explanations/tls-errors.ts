import { type Explanation, ofKind, runAgain } from './explanation.ts';

/** Encryption and certificates of the endpoint. */
export const TLS_ERRORS: readonly Explanation[] = ofKind('network error', [
  {
    name: 'TlsTimeout',
    means: 'the connection was accepted, but the TLS handshake never finished; nothing was sent',
    why: [
      'a firewall inspects TLS and drops it, or lets only the first packets through',
      'the server is overloaded, or the port is not a TLS port',
    ],
    ...runAgain('check the network (ampmeter doctor)'),
  },
  {
    name: 'EPROTO',
    means: 'no TLS connection could be made',
    why: ['the server does not support TLS 1.2 or later', 'the port is wrong: it is not a TLS port'],
    ...runAgain('check the endpoint and the proxy (ampmeter doctor)'),
  },
  {
    name: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    also: [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_GET_ISSUER_CERT',
      'CERT_UNTRUSTED',
      'CERT_REVOKED',
    ],
    means: "the server's certificate is not trusted; nothing was sent",
    why: [
      'a corporate proxy intercepts TLS with its own certificate authority',
      'the file of --ca-bundle, AWS_CA_BUNDLE or the profile contains another authority; no other one is trusted then',
    ],
    next: 'set the PEM file of the private certificate authority with --ca-bundle, AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS',
  },
  {
    name: 'CERT_HAS_EXPIRED',
    also: ['CERT_NOT_YET_VALID'],
    means: "the server's certificate is not valid at this machine's time; nothing was sent",
    why: ["this machine's clock is wrong", 'a corporate proxy intercepts TLS with an expired certificate'],
    next: "check this machine's clock; if it is right, contact the administrators of the proxy or the endpoint",
  },
  {
    name: 'ERR_TLS_CERT_ALTNAME_INVALID',
    also: ['HOSTNAME_MISMATCH'],
    means: "the server's certificate is for another host; nothing was sent",
    why: [
      "the host name in the endpoint URL is not the server's",
      'another machine between here and AWS replies instead',
    ],
    next: 'check the endpoint: --endpoint-url, AWS_ENDPOINT_URL and the profile',
  },
  {
    name: 'ClientCertificateRequired',
    means: 'the server requires a client certificate (mutual TLS), and ampmeter does not send one',
    why: [
      'the endpoint or the proxy belongs to your own company and admits only machines with a certificate',
      'AWS never requires one',
    ],
    next: 'check the endpoint and the proxy, or ask their administrators to admit this machine without a client certificate',
  },
  {
    name: 'NotTls',
    means: 'the URL starts with https, but the server at that port does not use TLS; nothing was sent',
    why: [
      'the port is for plain http, for example the port of an emulator',
      'another machine between here and the server replies instead',
    ],
    next: 'check the host and the port of the endpoint; use http:// for an emulator on this machine',
  },
  {
    name: 'TlsExpected',
    means: 'the URL starts with http, but the server at that port uses TLS and cannot read plain http',
    why: ['the port is for https'],
    next: 'use https:// in the endpoint URL, or the port for plain http',
  },
]);
