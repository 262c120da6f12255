import { NetworkError } from './network-error.ts';
import type { HttpReply } from './transport.ts';

/** Whether there is anybody to answer a call, as its attempts have shown. */
export type Absence = {
  /** Learns from an attempt that ended now (monotonic milliseconds). */
  readonly note: (reply: HttpReply | NetworkError, nowMs: number) => void;
  /** Nobody has been there for so long that going on would only hold up whoever waits for the exit code. */
  readonly isLasting: () => boolean;
};

/** A host that does not exist or refuses connections gets so long to come back. Milliseconds. */
const UNREACHABLE_MS = 60_000;

/** Each silent attempt takes its whole time. */
const SILENT_ATTEMPTS = 6;

/**
 * Throttling and errors of the service may pass within the time that `--give-up-after` gives; an endpoint that is not
 * there, or takes requests and never answers, mostly does not.
 */
export const createOutageDetector = (startMs: number): Absence => {
  let unreachableMs = 0;
  let silent = 0;
  let wasReached = false;
  return {
    note: (reply, nowMs) => {
      const isNetwork = reply instanceof NetworkError;
      wasReached ||= !isNetwork || reply.sent;
      unreachableMs = wasReached ? 0 : nowMs - startMs;
      silent = isNetwork && isSilence(reply, wasReached) ? silent + 1 : 0;
    },
    isLasting: () => unreachableMs >= UNREACHABLE_MS || silent >= SILENT_ATTEMPTS,
  };
};

/** A server that was never reached has its own limit; one that was reached and no longer finishes TLS has not. */
const isSilence = ({ code }: NetworkError, wasReached: boolean): boolean =>
  code === 'Timeout' || (wasReached && code === 'TlsTimeout');
