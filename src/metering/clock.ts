import type { World } from '../world.ts';
import type { Failure } from './failure.ts';
import type { HttpReply } from './transport.ts';

/** What is known of AWS's clock, from its replies. */
export type AwsClock = {
  /** The time to sign with: ours, until AWS says that a signature's time is off. */
  readonly signingTime: () => Date;
  /** The time that decides what is too old: AWS's, as its last reply told it. */
  readonly now: () => Date;
  /** Learns from any reply. */
  readonly note: (reply: HttpReply) => void;
  /** Takes the time for signatures from this reply; false when it tells none. */
  readonly correct: (reply: HttpReply) => boolean;
  /** Why nothing can be sent: no decision about the age of usage can be trusted. Undefined when all is well. */
  readonly trouble: () => Failure | undefined;
};

/** A difference by less is that of the seconds in `Date` and of the way; AWS minds from five minutes on. */
export const NEWS_MS = 60_000;

export const WILD_MS = 24 * 3_600_000;

/** `onSet` is told when signatures get another time, which is so far ahead of ours (milliseconds; below 0: behind). */
export const createAwsClock = (ours: World['now'], onSet: (offsetMs: number) => void): AwsClock => {
  let signingOffsetMs = 0;
  let learnedOffsetMs = 0;
  const after = (offsetMs: number): Date => new Date(ours().getTime() + offsetMs);

  /** A `Date` without a request id is somebody else's. */
  const offsetIn = ({ headers }: HttpReply): number | undefined => {
    const date = Date.parse(headers['date'] ?? '');
    return Number.isNaN(date) || !headers['x-amzn-requestid'] ? undefined : date - ours().getTime();
  };

  return {
    signingTime: () => after(signingOffsetMs),
    now: () => after(learnedOffsetMs),
    note: reply => {
      const offsetMs = offsetIn(reply);
      if (offsetMs !== undefined) learnedOffsetMs = Math.abs(offsetMs) > NEWS_MS ? offsetMs : 0;
    },
    correct: reply => {
      const offsetMs = offsetIn(reply);
      if (offsetMs === undefined) return false;
      // Calls that were under way together learn the same; it is told once.
      const isNews = Math.abs(offsetMs - signingOffsetMs) > NEWS_MS;
      signingOffsetMs = offsetMs;
      if (isNews) onSet(offsetMs);
      return true;
    },
    trouble: () => {
      if (Math.abs(learnedOffsetMs) <= WILD_MS) return undefined;
      const hours = Math.round(Math.abs(learnedOffsetMs) / 3_600_000);
      const message = `AWS's clock is ${hours} hours ${learnedOffsetMs > 0 ? 'ahead of' : 'behind'} it`;
      return { kind: 'clock', code: 'ClockWrong', message, maybeDelivered: false };
    },
  };
};
