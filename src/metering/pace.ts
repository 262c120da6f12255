import type { World } from '../world.ts';

/** Holds requests to a rate, and adapts to the rate that the account really has. */
export type Pace = {
  /** Resolves when the next request may leave; rejects when the program is asked to stop. */
  readonly admit: () => Promise<void>;
  /** AWS said that requests come too fast. */
  readonly throttled: () => void;
};

/** Waits until the next request may leave. When the program is asked to stop, the call that follows reports it. */
export const turnOf = (pace: Pick<Pace, 'admit'>): Promise<void> => pace.admit().catch(() => {});

/** After a throttled request the rate is multiplied by this, once for all requests that were in flight. */
const DECREASE = 0.7;

/** Otherwise it grows by this share of the given rate every second. */
const RECOVER_PER_SECOND = 0.02;

/** Near the last throttled rate it grows by this share of that rate every second: the limit is probably still there. */
const PROBE_PER_SECOND = 0.002;

/** What is near, as shares of the last throttled rate. Above it, the limit has gone. */
const [NEAR_FROM, NEAR_TO] = [0.9, 1.1];

/** No slower than this, requests a second: beyond that, the back-off of the retries is enough. */
const MIN_RATE = 0.5;

/**
 * Requests at even intervals, at most `rate` a second. AWS publishes 10 a second for each account and Region, but an
 * account may have less, and other programs may use it too. Undefined: no limit until AWS sets one by throttling.
 */
export const createPace = (
  rate: number | undefined,
  { monotonic, sleep, stop }: Pick<World, 'monotonic' | 'sleep' | 'stop'>,
): Pace => {
  let current = rate;
  // Instants are monotonic milliseconds.
  let nextAt = 0;
  let recoveredAt = monotonic();
  let decreasedAt = Number.NEGATIVE_INFINITY;
  /** Requests admitted in the current second: the rate to decrease when none was given. */
  let windowStartedAt = monotonic();
  let admitted = 0;
  let lastWindow = 0;

  let lastThrottledRate: number | undefined;

  const recover = (atMs: number): void => {
    if (current === undefined) return;
    const ceiling = rate ?? Number.POSITIVE_INFINITY;
    let secondsLeft = (atMs - recoveredAt) / 1000;
    recoveredAt = atMs;
    const growTo = (limit: number, perSecond: number): void => {
      if (current === undefined || current >= limit) return;
      const seconds = Math.min(secondsLeft, (limit - current) / perSecond);
      current += seconds * perSecond;
      secondsLeft -= seconds;
    };
    const step = RECOVER_PER_SECOND * Math.min(ceiling, current * 5);
    if (lastThrottledRate !== undefined) {
      growTo(Math.min(ceiling, lastThrottledRate * NEAR_FROM), step);
      growTo(Math.min(ceiling, lastThrottledRate * NEAR_TO), lastThrottledRate * PROBE_PER_SECOND);
    }
    growTo(ceiling, step);
  };

  const observedRate = (atMs: number): number => {
    const seconds = Math.max((atMs - windowStartedAt) / 1000, 0.1);
    return Math.max(lastWindow, admitted / seconds, 1);
  };

  return {
    admit: async () => {
      stop.throwIfAborted();
      const atMs = monotonic();
      if (atMs - windowStartedAt >= 1000) {
        lastWindow = (admitted * 1000) / (atMs - windowStartedAt);
        windowStartedAt = atMs;
        admitted = 0;
      }
      admitted += 1;
      if (current === undefined) return;
      recover(atMs);
      const turnAt = Math.max(atMs, nextAt);
      nextAt = turnAt + 1000 / current;
      if (turnAt > atMs) await sleep(turnAt - atMs, stop);
    },
    throttled: () => {
      const atMs = monotonic();
      // Requests that left before the decrease do not cause another.
      if (atMs - decreasedAt < 1000) return;
      decreasedAt = atMs;
      recover(atMs);
      lastThrottledRate = current ?? observedRate(atMs);
      current = Math.max(MIN_RATE, lastThrottledRate * DECREASE);
      recoveredAt = atMs;
      nextAt = Math.max(nextAt, atMs + 1000 / current);
    },
  };
};
