import { type Explanation, ofKind, runAgain } from './explanation.ts';

/** No reply, or one that is not from AWS. The names are Node's own where it has one. */
export const NETWORK_ERRORS: readonly Explanation[] = ofKind('network error', [
  {
    name: 'Timeout',
    means: 'no reply arrived in time; AWS may have processed the request',
    why: ['the network is slow or loses packets', 'a firewall drops them'],
    ...runAgain(),
  },
  {
    name: 'ConnectTimeout',
    also: ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
    means: 'no connection could be made; nothing was sent',
    why: [
      'AWS cannot be reached from here: a firewall, no route, or a private network without an endpoint',
      'the name server does not reply',
      'a proxy is needed, and HTTPS_PROXY is not set',
    ],
    ...runAgain('check the network (ampmeter doctor)'),
  },
  {
    name: 'ECONNREFUSED',
    means: 'nothing is listening at the address of the request',
    why: ['the emulator or the proxy is not running', 'the port is wrong'],
    ...runAgain('check the endpoint and the proxy (ampmeter doctor)'),
  },
  {
    name: 'ENOTFOUND',
    also: ['EAI_AGAIN'],
    means: 'the host name does not exist, or could not be looked up',
    why: ['the Region or the endpoint is misspelled', 'this machine has no network, or no name server'],
    ...runAgain('check the Region and the network (ampmeter doctor)'),
  },
  {
    name: 'ECONNRESET',
    also: ['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'],
    means: 'the connection was closed before the reply arrived; AWS may have processed the request',
    why: ['a server, a proxy or a firewall closed it'],
    ...runAgain(),
  },
  {
    name: 'UnexpectedReply',
    means: 'the reply did not come from AWS',
    why: ['a proxy, a captive portal or another server replied with a page of its own'],
    ...runAgain('check the endpoint and everything between it and this machine', '; then '),
  },
  {
    name: 'ReplyTooLarge',
    means: 'the reply was larger than any reply of AWS',
    why: ['another server replied instead of AWS'],
    ...runAgain('check the endpoint and everything between it and this machine', '; then '),
  },
  {
    name: 'ClockWrong',
    means:
      "this machine's clock differs from AWS's by more than a day, or by enough to bill a relative time for another hour",
    why: ["this machine's clock is wrong, so the age of usage and the hour of a relative time are not known"],
    next: "set this machine's clock, then run the same command again",
  },
  {
    name: 'Stopped',
    means: 'the program was stopped before the request was sent or a reply arrived',
    why: ['Ctrl-C, or a signal from the system'],
    ...runAgain(),
  },
]);
