import { NetworkError } from './network-error.ts';
import type { HttpReply } from './transport.ts';

/** Tells from the attempts of a call whether the endpoint is down. */
type OutageDetector = {
  /** Learns from an attempt that ended now (monotonic milliseconds). */
  readonly note: (reply: HttpReply | NetworkError, nowMs: number) => void;
  /** It has been down for so long that more attempts would only delay the exit code. */
  readonly isLasting: () => boolean;
};

/** How long a host that does not exist or refuses connections gets to come back. */
const UNREACHABLE_MS = 60_000;

/** Each attempt without a reply takes the whole timeout. */
const MAX_SILENT_ATTEMPTS = 6;

/**
 * Throttling and errors of the service may pass within the time of `--give-up-after`. An endpoint that cannot be reached,
 * or accepts requests and never replies, usually does not come back in that time.
 */
export const createOutageDetector = (startMs: number): OutageDetector => {
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
    isLasting: () => unreachableMs >= UNREACHABLE_MS || silent >= MAX_SILENT_ATTEMPTS,
  };
};

/** A server that was never reached has a limit of its own, so an unfinished TLS handshake counts only after a reply. */
const isSilence = ({ code }: NetworkError, wasReached: boolean): boolean =>
  code === 'Timeout' || (wasReached && code === 'TlsTimeout');
