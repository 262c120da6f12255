import { DAY_MS } from '../usage/hours.ts';
import type { World } from '../world.ts';
import type { Failure } from './failures.ts';
import type { HttpReply } from './transport.ts';

/** What is known of AWS's clock, from its replies. */
export type AwsClock = {
  /** The time to sign with: ours, until AWS says that a signature's time is off. */
  readonly signingTime: () => Date;
  /** The time that decides what is too old: AWS's, as far as its replies have told it. */
  readonly now: () => Date;
  /** How far AWS's clock is ahead of ours; undefined while no reply has told the time. */
  readonly known: () => KnownOffset | undefined;
  /** Learns from any reply to a request that left at this time (monotonic milliseconds). */
  readonly note: (reply: Pick<HttpReply, 'headers'>, sentAtMs: number) => void;
  /** Signs with AWS's time from now on, as this reply tells it; false when it tells none. */
  readonly correct: (reply: Pick<HttpReply, 'headers'>) => boolean;
  /** Why nothing can be sent: no decision about the age of usage can be trusted. Undefined when all is well. */
  readonly failure: () => Failure | undefined;
};

/** Milliseconds; below 0: AWS's clock is behind ours. */
export type KnownOffset = { readonly offsetMs: number };

/** A difference by less is nothing to tell; AWS minds from five minutes on. */
export const SKEW_NOTICE_MS = 60_000;

/** A day, and what a measurement may be off. */
export const SKEW_LIMIT_MS = DAY_MS + SKEW_NOTICE_MS;

/** AWS's clock is not one but that of many servers. */
const SLACK_MS = 500;

/** `Date` has whole seconds. */
const SECOND_MS = 1000;

/**
 * Ours is the time on the wall when the clock is made and what has passed since: setting the machine's clock in mid-run
 * moves nothing. `onSet` is told when signatures get another time, which is so far ahead of ours (milliseconds; below 0:
 * behind).
 */
export const createAwsClock = (
  { now, monotonic }: Pick<World, 'now' | 'monotonic'>,
  onSet: (offsetMs: number) => void,
): AwsClock => {
  const startedMs = now().getTime() - monotonic();
  const ours = (): number => startedMs + monotonic();
  let signingOffsetMs = 0;
  let learnedOffsetMs = 0;
  let isKnown = false;
  const after = (offsetMs: number): Date => new Date(ours() + offsetMs);

  return {
    signingTime: () => after(signingOffsetMs),
    now: () => after(learnedOffsetMs),
    known: () => (isKnown ? { offsetMs: learnedOffsetMs } : undefined),
    note: (reply, sentAtMs) => {
      const dateMs = dateIn(reply);
      if (dateMs === undefined) return;
      isKnown = true;
      // The reply was made some time between the request and now; what does not contradict that stays.
      const least = dateMs - ours() - SLACK_MS;
      const most = dateMs + SECOND_MS - (startedMs + sentAtMs) + SLACK_MS;
      if (learnedOffsetMs < least || learnedOffsetMs > most)
        learnedOffsetMs = least <= 0 && most >= 0 ? 0 : Math.round((least + most) / 2);
    },
    correct: reply => {
      if (dateIn(reply) === undefined) return false;
      // Calls that were under way together learn the same; it is told once.
      const isNews = Math.abs(learnedOffsetMs - signingOffsetMs) > SKEW_NOTICE_MS;
      signingOffsetMs = learnedOffsetMs;
      if (isNews) onSet(signingOffsetMs);
      return true;
    },
    failure: () => clockFailure(learnedOffsetMs),
  };
};

/** A `Date` without a request id is somebody else's. */
const dateIn = ({ headers }: Pick<HttpReply, 'headers'>): number | undefined => {
  const dateMs = Date.parse(headers['date'] ?? '');
  return Number.isNaN(dateMs) || !headers['x-amzn-requestid'] ? undefined : dateMs;
};

/** Undefined when the age of usage can be judged with clocks that are so far apart. */
export const clockFailure = (offsetMs: number): Failure | undefined => {
  if (Math.abs(offsetMs) <= SKEW_LIMIT_MS) return undefined;
  const message = `AWS's clock is ${spanText(offsetMs)} ${offsetMs > 0 ? 'ahead of' : 'behind'} this machine's`;
  return { kind: 'clock', code: 'ClockWrong', message, maybeDelivered: false };
};

/** What to say beside a verdict about the age of usage; undefined when the clocks agree. */
export const clockNote = (known: KnownOffset | undefined): string | undefined => {
  if (known === undefined) return "AWS's clock could not be checked";
  const { offsetMs } = known;
  if (Math.abs(offsetMs) <= SKEW_NOTICE_MS) return undefined;
  return `this machine's clock is ${spanText(offsetMs)} ${offsetMs > 0 ? 'behind' : 'ahead of'} AWS's`;
};

/** `2 h`, `1 h 30 min` or `49 min`, to the minute; `20 s` when it is less than one. */
export const spanText = (ms: number): string => {
  const all = Math.round(Math.abs(ms) / 60_000);
  if (all === 0) return `${Math.ceil(Math.abs(ms) / 1000)} s`;
  const [hours, minutes] = [Math.floor(all / 60), all % 60];
  return [...(hours > 0 ? [`${hours} h`] : []), ...(minutes > 0 ? [`${minutes} min`] : [])].join(' ');
};
