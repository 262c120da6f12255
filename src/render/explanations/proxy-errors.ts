import { type Explanation, ofKind, runAgain } from './explanation.ts';

/** The proxy between this machine and AWS. */
export const PROXY_ERRORS: readonly Explanation[] = ofKind('network error', [
  {
    name: 'ProxyUnreachable',
    means: 'the configured proxy cannot be reached; nothing was sent',
    why: [
      'the proxy is not running',
      'its host or port is misspelled',
      'this machine is not in its network',
      'it accepts the connection but does not finish the TLS handshake: it may be a plain http proxy',
    ],
    next: 'check HTTPS_PROXY, or add this host to NO_PROXY if it is reached without a proxy',
  },
  {
    name: 'ProxyAuthentication',
    means: 'the proxy requires a user name and password, or rejected those it received; nothing was sent',
    why: [
      'the URL of the proxy does not contain them, or they have changed',
      'a special character in the password is not percent-encoded',
      'the proxy requires another authentication method (NTLM, Kerberos), which is not supported',
    ],
    next: 'write them into the URL: HTTPS_PROXY=http://user:password@host:port, with special characters percent-encoded',
  },
  {
    name: 'ProxyRefused',
    means: 'the proxy does not allow connections to this host; nothing was sent',
    why: ['the rules of the proxy do not include this host'],
    next: 'ask the administrators of the proxy to allow CONNECT to this host at port 443, or add the host to NO_PROXY',
  },
  {
    name: 'ProxyFailed',
    means: 'the proxy could not make the connection; nothing was sent',
    why: [
      'the proxy is overloaded, or cannot reach AWS',
      'it did not reply to CONNECT, or not completely',
      'the address is not that of a proxy',
    ],
    ...runAgain('check HTTPS_PROXY'),
  },
  {
    name: 'ProxyNotTls',
    means: 'the URL of the proxy starts with https, but the proxy does not use TLS; nothing was sent',
    why: ['most proxies are reached through plain http, also for requests to https'],
    next: 'use http:// in the proxy URL, as in HTTPS_PROXY=http://host:port',
  },
  {
    name: 'ProxyTlsExpected',
    means: 'the URL of the proxy starts with http, but the proxy uses TLS; nothing was sent',
    why: ['the proxy is reached through https', 'the port is not that of the proxy'],
    next: 'use https:// in the proxy URL, as in HTTPS_PROXY=https://host:port',
  },
]);
