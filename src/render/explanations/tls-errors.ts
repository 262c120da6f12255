import type { Explanation } from './explanation.ts';

/** Of two sides that do not speak alike: no attempt would end otherwise. */
export const TLS_ERRORS: readonly Explanation[] = [
  {
    name: 'ClientCertificateRequired',
    kind: 'network error',
    means: 'the other side wants a certificate of the caller (mutual TLS), and ampmeter sends none',
    why: [
      'the endpoint, or the proxy, is one of your own company and admits only machines with a certificate',
      'AWS never asks for one',
    ],
    next: 'check the endpoint and the proxy, or have those who run them admit this machine without a client certificate',
  },
  {
    name: 'NotTls',
    kind: 'network error',
    means: 'the URL says https, and the server at that port does not speak TLS; nothing was sent',
    why: [
      'the port is one of plain http, such as that of an emulator',
      'something on the way answers for the server',
    ],
    next: 'check host and port of the endpoint; an emulator on this machine is called with http://',
  },
  {
    name: 'TlsExpected',
    kind: 'network error',
    means: 'the URL says http, and the server at that port speaks TLS, which reads no plain http',
    why: ['the port is one of https'],
    next: 'write the endpoint with https://, or name the port of plain http',
  },
  {
    name: 'ProxyNotTls',
    kind: 'network error',
    means: 'the URL of the proxy says https, and the proxy does not speak TLS; nothing was sent',
    why: ['most proxies are spoken to in plain http, also on the way to https'],
    next: 'write the proxy with http://, as in HTTPS_PROXY=http://host:port',
  },
  {
    name: 'ProxyTlsExpected',
    kind: 'network error',
    means: 'the URL of the proxy says http, and the proxy speaks TLS; nothing was sent',
    why: ['the proxy is spoken to in TLS', 'the port is another one than that of the proxy'],
    next: 'write the proxy with https://, as in HTTPS_PROXY=https://host:port',
  },
];
