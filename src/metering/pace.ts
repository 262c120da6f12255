import type { World } from '../world.ts';

/** Holds requests to a rate, and finds the rate that the account really has. */
export type Pace = {
  /** Resolves when the next request may leave; rejects when the program is asked to stop. */
  readonly admit: () => Promise<void>;
  /** AWS said that requests come too fast. */
  readonly throttled: () => void;
};

/** After a throttled request the rate falls to this share, once for all the requests that were under way. */
const FALL = 0.7;

/** And climbs by this share of the given rate with each second that passes without. */
const CLIMB_PER_SECOND = 0.02;

/** Near the rate at which requests came too fast last, by this share of it with each second: it is likely to be there still. */
const CREEP_PER_SECOND = 0.002;

/** How near, as shares of it. Above, it is there no more. */
const [NEAR_FROM, NEAR_TO] = [0.9, 1.1];

/** No slower than this, requests a second: time and the retries' back-off do the rest. */
const SLOWEST = 0.5;

/**
 * Requests at even distances, `rate` a second at most. AWS publishes 10 a second for each account and Region, but an
 * account may have less, and other programs may use it too. Undefined: no limit until AWS sets one by throttling.
 */
export const createPace = (
  rate: number | undefined,
  { monotonic, sleep, stop }: Pick<World, 'monotonic' | 'sleep' | 'stop'>,
): Pace => {
  let current = rate;
  let nextAt = 0;
  let climbedAt = monotonic();
  let fellAt = Number.NEGATIVE_INFINITY;
  /** Requests admitted in this second, for the rate to fall from when none was given. */
  let windowStart = monotonic();
  let admitted = 0;
  let lastWindow = 0;

  /** The rate at which requests came too fast last. */
  let brink: number | undefined;

  const climb = (now: number): void => {
    if (current === undefined) return;
    const ceiling = rate ?? Number.POSITIVE_INFINITY;
    let secondsLeft = (now - climbedAt) / 1000;
    climbedAt = now;
    const rise = (to: number, perSecond: number): void => {
      if (current === undefined || current >= to) return;
      const seconds = Math.min(secondsLeft, (to - current) / perSecond);
      current += seconds * perSecond;
      secondsLeft -= seconds;
    };
    const step = CLIMB_PER_SECOND * Math.min(ceiling, current * 5);
    if (brink !== undefined) {
      rise(Math.min(ceiling, brink * NEAR_FROM), step);
      rise(Math.min(ceiling, brink * NEAR_TO), brink * CREEP_PER_SECOND);
    }
    rise(ceiling, step);
  };

  const observed = (now: number): number => {
    const seconds = Math.max((now - windowStart) / 1000, 0.1);
    return Math.max(lastWindow, admitted / seconds, 1);
  };

  return {
    admit: async () => {
      stop.throwIfAborted();
      const now = monotonic();
      if (now - windowStart >= 1000) {
        lastWindow = (admitted * 1000) / (now - windowStart);
        windowStart = now;
        admitted = 0;
      }
      admitted += 1;
      if (current === undefined) return;
      climb(now);
      const at = Math.max(now, nextAt);
      nextAt = at + 1000 / current;
      if (at > now) await sleep(at - now, stop);
    },
    throttled: () => {
      const now = monotonic();
      // Requests that left before the fall do not make it deeper.
      if (now - fellAt < 1000) return;
      fellAt = now;
      climb(now);
      brink = current ?? observed(now);
      current = Math.max(SLOWEST, brink * FALL);
      climbedAt = now;
      nextAt = Math.max(nextAt, now + 1000 / current);
    },
  };
};
