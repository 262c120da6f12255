import type { ServiceErrorKind } from '../errors.ts';

/** Source of the constants: `@smithy/core`'s retry defaults, with the base for transient errors raised to 200 ms. */
const BASE_MS = { throttled: 1_000, unavailable: 200 };
const CAP_MS = 20_000;

/** The longest Retry-After that is honored. */
const RETRY_AFTER_CAP_MS = 60_000;

/** Between two attempts of a call. */
export const LONGEST_PAUSE_MS = Math.max(CAP_MS, RETRY_AFTER_CAP_MS);

export type RetryKind = keyof typeof BASE_MS;

export const isRetryable = (kind: ServiceErrorKind): kind is RetryKind =>
  kind === 'throttled' || kind === 'unavailable';

/**
 * How long to wait before the next attempt, milliseconds: exponential back-off with full jitter (AWS Builders'
 * Library, "Timeouts, retries, and backoff with jitter"), and at least what the server's Retry-After asks for.
 * `failures` is how many attempts have failed, from 1; `random` is from 0 to 1.
 */
export const backoffMs = (
  kind: RetryKind,
  failures: number,
  random: number,
  retryAfter?: string | undefined,
): number => {
  const ceiling = Math.min(CAP_MS, BASE_MS[kind] * 2 ** (failures - 1));
  return Math.max(random * ceiling, retryAfterMs(retryAfter));
};

/** Seconds only: a date would need the server's clock. Anything else is ignored. */
const retryAfterMs = (header: string | undefined): number =>
  header !== undefined && /^[0-9]+$/.test(header) ? Math.min(Number(header) * 1000, RETRY_AFTER_CAP_MS) : 0;

/** The retries of all calls of a client together. */
export type RetryBudget = {
  /** The cost of the retry; 0 when the budget does not allow it. */
  readonly spend: (kind: RetryKind) => number;
  /** A call succeeded: returns the cost of its last retry, or a little if there was none. */
  readonly refund: (spent: number) => void;
};

/**
 * Source: the AWS SDKs' standard retry mode, which has 500. This allows 32 retries in a total outage: 40 requests with the
 * first attempts of the eight that are usually in flight.
 */
const BUDGET = 448;
const COST = { throttled: 5, unavailable: 14 };

/**
 * Ends a total outage soon, however many calls are in flight: retries cost, and only success pays back. Without it each
 * call would go on for its own time, and a dead endpoint would get thousands of requests.
 */
export const createRetryBudget = (): RetryBudget => {
  let left = BUDGET;
  return {
    spend: kind => {
      if (COST[kind] > left) return 0;
      left -= COST[kind];
      return COST[kind];
    },
    refund: spent => {
      left = Math.min(BUDGET, left + Math.max(1, spent));
    },
  };
};
