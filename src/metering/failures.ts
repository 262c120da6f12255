import { type ServiceErrorKind, UNEXPECTED_REPLY } from '../errors.ts';
import { classify, readError } from './classify.ts';
import type { NetworkError } from './network-error.ts';
import type { HttpReply } from './transport.ts';

/** Why one attempt of a call gave no result. */
export type Failure = {
  readonly kind: ServiceErrorKind;
  readonly code: string;
  readonly message: string;
  readonly because?: string;
  readonly httpStatus?: number;
  readonly requestId?: string | undefined;
  readonly retryAfter?: string | undefined;
  readonly maybeDelivered: boolean;
  readonly cause?: unknown;
};

/** No attempt was made: the program was asked to stop. */
export const STOPPED: Failure = {
  kind: 'unavailable',
  code: 'Stopped',
  message: 'stopped before it was sent',
  maybeDelivered: false,
};

/** The failure in a reply that is not the operation's result. */
export const failureIn = (reply: HttpReply, operation: string): Failure => {
  const { status, headers, body } = reply;
  const requestId = headers['x-amzn-requestid'];
  if (status >= 200 && status < 300) {
    return {
      kind: 'unavailable',
      code: UNEXPECTED_REPLY,
      message: `the reply (HTTP ${status}) did not come from AWS: a proxy or another server may have sent it`,
      httpStatus: status,
      requestId,
      maybeDelivered: true,
    };
  }
  const error = readError(status, headers, body);
  const kind = classify(error, operation);
  const isFromAws = error.code !== undefined;
  const inBrackets = [`HTTP ${status}`, ...(requestId === undefined ? [] : [`request id ${requestId}`])].join(
    ', ',
  );
  return {
    kind,
    code: error.code ?? UNEXPECTED_REPLY,
    message: error.message || (isFromAws ? 'AWS sent no message' : pageText(status, body)),
    because: `${error.code ?? 'no AWS error code'} (${inBrackets})`,
    httpStatus: status,
    requestId,
    retryAfter: headers['retry-after'],
    // An error code from AWS means that it did nothing; a failure inside AWS may come after the work was done.
    maybeDelivered: !isFromAws || requestId === undefined || status >= 500 || kind === 'unavailable',
  };
};

/** Web servers explain in their own page what is wrong with the connection. */
const pageText = (status: number, body: string): string => {
  const hint = PAGES.find(([pattern]) => pattern.test(body.slice(0, MAX_PAGE_CHARACTERS)))?.[1];
  return `HTTP ${status} with a reply that did not come from AWS${hint === undefined ? '' : `: ${hint}`}`;
};

/** Of nginx, Go, Apache and others. */
const PAGES: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [
    /plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server|speaking plain HTTP to an SSL/i,
    'the server expects TLS at this port, but the URL uses http',
  ],
  [/No required SSL certificate was sent|SSL certificate error/i, 'the server requires a client certificate'],
];

const MAX_PAGE_CHARACTERS = 4_000;

/** The failure when no whole reply came. */
export const failureOf = (error: NetworkError, url: URL): Failure => ({
  kind: 'unavailable',
  code: error.code,
  message: `${url.host}: ${error.message}`,
  maybeDelivered: error.sent,
  cause: error,
});
