import { DAY_MS, type EpochMs } from '../usage/hours.ts';
import type { World } from '../world.ts';
import type { Failure } from './failures.ts';
import type { HttpReply } from './transport.ts';

/** What the replies tell about AWS's clock. */
type AwsClock = {
  /** The time to sign with: ours, until AWS rejects a signature for its time. */
  readonly signingTime: () => Date;
  /** The time that decides what is too old: AWS's, as far as it is known. */
  readonly now: () => Date;
  /** How far AWS's clock is ahead of ours; undefined until a reply has had the time. */
  readonly known: () => KnownOffset | undefined;
  /** Learns from any reply to a request that left at this time (monotonic milliseconds). */
  readonly note: (reply: Pick<HttpReply, 'headers'>, sentAtMs: number) => void;
  /** Signs with the time of this reply from now on; false when it has none. */
  readonly correct: (reply: Pick<HttpReply, 'headers'>) => boolean;
  /** Why nothing can be sent: the clocks are too far apart to judge the age of usage. Undefined when they are not. */
  readonly failure: () => Failure | undefined;
};

/** Milliseconds; below 0: AWS's clock is behind ours. */
export type KnownOffset = { readonly offsetMs: number };

/** A smaller difference is not reported; AWS tolerates five minutes. */
export const SKEW_NOTICE_MS = 60_000;

/** A day, and the error of the measurement. */
export const SKEW_LIMIT_MS = DAY_MS + SKEW_NOTICE_MS;

/** AWS's servers do not have the very same time. */
const SLACK_MS = 500;

/** The `Date` header has whole seconds. */
const SECOND_MS = 1000;

/**
 * Our time is that of the machine when this is created, plus what has passed since: setting the machine's clock during a
 * run changes nothing. `onSet` is called when signatures get another time, with its distance from ours (milliseconds;
 * below 0: behind).
 */
export const createAwsClock = (
  { now, monotonic }: Pick<World, 'now' | 'monotonic'>,
  onSet: (offsetMs: number) => void,
): AwsClock => {
  const startedMs = now().getTime() - monotonic();
  const ours = (): EpochMs => startedMs + monotonic();
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
      // The reply was made between the request and now; an offset that fits stays.
      const least = dateMs - ours() - SLACK_MS;
      const most = dateMs + SECOND_MS - (startedMs + sentAtMs) + SLACK_MS;
      if (learnedOffsetMs < least || learnedOffsetMs > most)
        learnedOffsetMs = least <= 0 && most >= 0 ? 0 : Math.round((least + most) / 2);
    },
    correct: reply => {
      if (dateIn(reply) === undefined) return false;
      // Calls that were in flight together learn the same; it is reported once.
      const isNew = Math.abs(learnedOffsetMs - signingOffsetMs) > SKEW_NOTICE_MS;
      signingOffsetMs = learnedOffsetMs;
      if (isNew) onSet(signingOffsetMs);
      return true;
    },
    failure: () => clockFailure(learnedOffsetMs),
  };
};

/** A `Date` without a request id is not from AWS. */
const dateIn = ({ headers }: Pick<HttpReply, 'headers'>): EpochMs | undefined => {
  const dateMs = Date.parse(headers['date'] ?? '');
  return Number.isNaN(dateMs) || !headers['x-amzn-requestid'] ? undefined : dateMs;
};

/** Undefined when the age of usage can be judged with clocks this far apart. */
export const clockFailure = (offsetMs: number): Failure | undefined => {
  if (Math.abs(offsetMs) <= SKEW_LIMIT_MS) return undefined;
  const message = `AWS's clock is ${spanText(offsetMs)} ${offsetMs > 0 ? 'ahead of' : 'behind'} this machine's`;
  return { kind: 'clock', code: 'ClockWrong', message, maybeDelivered: false };
};

/** A note for a verdict about the age of usage; undefined when the clocks agree. */
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
