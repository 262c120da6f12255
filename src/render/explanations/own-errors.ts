import { type Explanation, runAgain } from './explanation.ts';

/** Of no answer, or one that is not AWS's. The names are Node's own where it has one. */
export const NETWORK_ERRORS: readonly Explanation[] = [
  {
    name: 'Timeout',
    kind: 'network error',
    means: 'no answer came in time; AWS may have acted on the request',
    why: ['the network is slow or loses packets', 'a firewall swallows them'],
    ...runAgain(),
  },
  {
    name: 'ConnectTimeout',
    also: ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
    kind: 'network error',
    means: 'no connection could be made; nothing was sent',
    why: [
      'there is no way from here to AWS: a firewall, no route, a private network without an endpoint',
      'the name server does not answer',
      'a proxy is needed, and HTTPS_PROXY is not set',
    ],
    ...runAgain('check the network (ampmeter doctor)'),
  },
  {
    name: 'TlsTimeout',
    kind: 'network error',
    means: 'the connection was accepted and the TLS handshake never finished; nothing was sent',
    why: [
      'a firewall inspects TLS and drops it, or lets only the first packets through',
      'the server is overloaded, or the port is not one of TLS',
    ],
    ...runAgain('check the network (ampmeter doctor)'),
  },
  {
    name: 'ECONNREFUSED',
    kind: 'network error',
    means: 'nothing is listening where the request went',
    why: ['an emulator or a proxy that is named is not running', 'the port is wrong'],
    ...runAgain('check the endpoint and the proxy (ampmeter doctor)'),
  },
  {
    name: 'ENOTFOUND',
    also: ['EAI_AGAIN'],
    kind: 'network error',
    means: 'the host name does not exist, or could not be looked up',
    why: ['the Region or the endpoint is misspelt', 'this machine has no network, or no name server'],
    ...runAgain('check the Region and the network (ampmeter doctor)'),
  },
  {
    name: 'ECONNRESET',
    also: ['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'],
    kind: 'network error',
    means: 'the connection was cut before the answer came; AWS may have acted on a request that was sent',
    why: ['a server, a proxy or a firewall has closed it'],
    ...runAgain(),
  },
  {
    name: 'EPROTO',
    kind: 'network error',
    means: 'no TLS connection could be made',
    why: ['the other side does not speak TLS 1.2 or later', 'it does not speak TLS at all: a wrong port'],
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
    kind: 'network error',
    means: "the server's certificate is not trusted; nothing was sent",
    why: [
      'a proxy of the company opens TLS with a certificate of its own authority',
      'the file that --ca-bundle, AWS_CA_BUNDLE or the profile names holds another authority; no others are trusted then',
    ],
    next: 'name the PEM file of the private certificate authority with --ca-bundle, AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS',
  },
  {
    name: 'CERT_HAS_EXPIRED',
    also: ['CERT_NOT_YET_VALID'],
    kind: 'network error',
    means: "the server's certificate is not valid at this machine's time; nothing was sent",
    why: [
      'the clock of this machine is wrong',
      'a proxy of the company that opens TLS has a certificate that has expired',
    ],
    next: "check this machine's clock; if it is right, tell those who run the proxy or the endpoint",
  },
  {
    name: 'ProxyUnreachable',
    kind: 'network error',
    means: 'the proxy that is named cannot be reached; nothing was sent',
    why: [
      'the proxy is not running',
      'its host or port is misspelt',
      'this machine is not in its network',
      'it accepts the connection and does not finish the TLS handshake: it may be a proxy of plain http',
    ],
    next: 'check HTTPS_PROXY, or name this host in NO_PROXY if it is reached without a proxy',
  },
  {
    name: 'ProxyAuthentication',
    kind: 'network error',
    means: 'the proxy asks for a user name and password, or does not accept those it has; nothing was sent',
    why: [
      'there are none in the URL of the proxy, or they have changed',
      'a special character in the password is not percent-encoded',
      'the proxy wants another way of authentication (NTLM, Kerberos), which is not supported',
    ],
    next: 'write them into the URL: HTTPS_PROXY=http://user:password@host:port, with special characters percent-encoded',
  },
  {
    name: 'ProxyRefused',
    kind: 'network error',
    means: 'the proxy does not allow connections to this host; nothing was sent',
    why: ['the rules of the proxy do not know this host'],
    next: 'have those who run the proxy allow CONNECT to this host at port 443, or name it in NO_PROXY',
  },
  {
    name: 'ProxyFailed',
    kind: 'network error',
    means: 'the proxy could not make the connection; nothing was sent',
    why: [
      'the proxy is overloaded, or has no way to AWS',
      'it never answered CONNECT, or not to the end',
      'what is named as the proxy is none',
    ],
    ...runAgain('check HTTPS_PROXY'),
  },
  {
    name: 'ERR_TLS_CERT_ALTNAME_INVALID',
    also: ['HOSTNAME_MISMATCH'],
    kind: 'network error',
    means: "the server's certificate is one for another host; nothing was sent",
    why: ['the endpoint URL has another name than the server', 'something on the way answers for AWS'],
    next: 'check the endpoint: --endpoint-url, AWS_ENDPOINT_URL and the profile',
  },
  {
    name: 'UnexpectedReply',
    kind: 'network error',
    means: 'what answered was not AWS',
    why: ['a proxy, a captive portal or another server answered with a page of its own'],
    ...runAgain('check the endpoint, and what stands between it and this machine', '; then '),
  },
  {
    name: 'ReplyTooLarge',
    kind: 'network error',
    means: 'the answer was larger than any of AWS',
    why: ['something else than AWS has answered'],
    ...runAgain('check the endpoint, and what stands between it and this machine', '; then '),
  },
  {
    name: 'ClockWrong',
    kind: 'network error',
    means:
      "AWS's clock and that of this machine differ by more than a day, or usage with a relative time would be billed for another hour",
    why: [
      "this machine's clock is wrong, so that neither the age of usage nor the hour of a relative time can be known",
    ],
    next: "set this machine's clock, then run the same command again",
  },
  {
    name: 'Stopped',
    kind: 'network error',
    means: 'the program was asked to stop before the request was sent or answered',
    why: ['Ctrl-C, or a signal from the system'],
    ...runAgain(),
  },
];

/** The codes of `errors.ts`. */
export const OWN_ERRORS: readonly Explanation[] = [
  {
    name: 'Usage',
    kind: 'ampmeter error',
    means: 'flags, arguments or settings are wrong; nothing was sent (exit code 2)',
    why: [
      'a flag is misspelt, missing or empty',
      'a flag would have no effect, because of another one that is given or missing',
      'a variable or the AWS config holds something that makes no sense',
    ],
    next: 'ampmeter help lists the commands, and ampmeter batch --help, for example, shows the flags of one',
  },
  {
    name: 'InvalidInput',
    kind: 'ampmeter error',
    means: 'the input is invalid, or cannot be read; nothing was sent (exit code 3)',
    why: ['one bad row stops a run, unless --skip-invalid is said', 'the file is empty, or is no CSV'],
    next: 'correct the input and run the same command again; see ampmeter help csv',
  },
  {
    name: 'Expired',
    kind: 'ampmeter error',
    means: 'the usage of a single call is older than AWS takes: it is not billed (exit code 4)',
    why: ['see ampmeter help windows'],
    next: 'AWS no longer accepts usage for this hour; add it to a later hour if your agreement with the buyer allows that',
  },
  {
    name: 'Credentials',
    kind: 'ampmeter error',
    means: 'no AWS credentials could be had (exit code 6)',
    why: [
      'none are set: no variables, no profile, no role of the machine',
      'what the environment or the profile names does not work; the cause says which',
      'the session of aws sso login or aws login has ended',
      'cron has another environment than your shell',
    ],
    next: 'see ampmeter help credentials, and ampmeter doctor for what is found here',
  },
  {
    name: 'Output',
    kind: 'ampmeter error',
    means:
      'a file that was asked for could not be written; what was sent is settled all the same (exit code 1)',
    why: ['the disk is full', 'the folder is not there, or belongs to somebody else'],
    ...runAgain('make room or name another file'),
  },
  {
    name: 'Locked',
    kind: 'ampmeter error',
    means: 'another run is using the ledger; nothing was sent (exit code 8)',
    why: ['two cron lines overlap', 'a run is going on in another terminal'],
    next: 'wait for it with --wait 10m, or run again later',
  },
  {
    name: 'Ledger',
    kind: 'ampmeter error',
    means: 'the ledger cannot be used (exit code 9)',
    why: ['the disk is full or broken', 'permission is denied', 'the file is damaged, or is no ledger'],
    next: 'see what is wrong with ampmeter doctor, or name another ledger with --ledger',
  },
  {
    name: 'NotVerified',
    kind: 'ampmeter error',
    means:
      "what AWS returned does not hold: the signature is not AWS's, or its claims are not ours (exit code 7)",
    why: ['the public key is that of another product or version', 'the answer was made up on the way'],
    next: 'check the public key and its version in the AWS Marketplace Management Portal; do not trust the answer',
  },
  {
    name: 'Internal',
    kind: 'ampmeter error',
    means: 'a mistake in ampmeter (exit code 1)',
    why: ['something happened that was not thought of'],
    next: 'run it again with --debug and report what it prints; nothing that AWS has accepted is lost',
  },
  {
    name: 'Stopped',
    kind: 'ampmeter error',
    means:
      'the program was asked to stop while it waited for its input; nothing was sent (exit code 129, 130 or 143)',
    why: ['Ctrl-C, or a signal from the system', 'nothing was written into standard input or a named pipe'],
    next: 'run the same command again',
  },
];
