import { CredentialsError, ServiceError } from '../errors.ts';
import type { World } from '../world.ts';
import { type Failure, failureIn, failureOf, STOPPED } from './failures.ts';
import { NetworkError } from './network-error.ts';
import { createOutageDetector } from './outage.ts';
import type { Pace } from './pace.ts';
import { backoffMs, isRetryable, type RetryBudget } from './retry.ts';
import type { HttpReply } from './transport.ts';

/** What to do after an attempt. */
type RetryStep =
  | { readonly kind: 'return' }
  | {
      readonly kind: 'retry';
      /** How long to wait first; undefined: not at all. */
      readonly delayMs: number | undefined;
      /** The code of the failure; undefined when the retry needs no mention. */
      readonly because: string | undefined;
    }
  | { readonly kind: 'give-up' };

/** The decision about the attempts of one call, with all that it remembers of them. */
export type RetryDecision = {
  /** What to do after this reply; `isResult`: it has the result of the call. */
  readonly next: (reply: HttpReply | NetworkError, isResult: boolean) => RetryStep;
  /** Whether an attempt may have been acted on although no reply proves it. */
  readonly maybeDelivered: () => boolean;
  /** The error that ends the call: why the last attempt failed, or this. */
  readonly error: (failure?: Failure) => ServiceError;
  /** The same error; if an attempt may have been acted on, one that says so. */
  readonly preservingDelivery: (error: unknown) => unknown;
};

type Circumstances = {
  readonly operation: string;
  readonly url: URL;
  readonly budget: RetryBudget;
  readonly pace: Pick<Pace, 'throttled'> | undefined;
  readonly world: Pick<World, 'monotonic' | 'random'>;
  /** Whether AWS has acted on a request without a reply does not matter. */
  readonly onlyReads: boolean;
  /** Monotonic milliseconds. */
  readonly giveUpAt: number;
  /** With less time left there is no other attempt: cutting it short would hide why those before it failed. */
  readonly minAttemptMs: number;
  /** Signs with AWS's time from now on; false when the reply does not have it. */
  readonly correctClock: (reply: Pick<HttpReply, 'headers'>) => boolean;
  readonly refreshCredentials: () => void;
};

export const createRetryDecision = ({
  operation,
  onlyReads,
  url,
  budget,
  pace,
  world,
  giveUpAt,
  minAttemptMs,
  correctClock,
  refreshCredentials,
}: Circumstances): RetryDecision => {
  const outage = createOutageDetector(world.monotonic());
  let attempts = 0;
  let last: Failure = STOPPED;
  let maybeDelivered = false;
  let isClockCorrected = false;
  let areCredentialsRefreshed = false;
  /** What the last retry took from the budget. */
  let spent = 0;

  const afterFailure = (reply: HttpReply | NetworkError): RetryStep => {
    last = reply instanceof NetworkError ? failureOf(reply, url) : failureIn(reply, operation);
    maybeDelivered ||= last.maybeDelivered && !onlyReads;
    outage.note(reply, world.monotonic());
    const { kind, code, retryAfter } = last;
    if (kind === 'throttled') pace?.throttled();
    if (kind === 'clock' && !isClockCorrected && !(reply instanceof NetworkError) && correctClock(reply)) {
      isClockCorrected = true;
      return { kind: 'retry', delayMs: undefined, because: undefined };
    }
    if (kind === 'stale-credentials' && !areCredentialsRefreshed) {
      areCredentialsRefreshed = true;
      refreshCredentials();
      return { kind: 'retry', delayMs: undefined, because: code };
    }
    if (!isRetryable(kind)) return GIVE_UP;
    if (outage.isLasting() || (reply instanceof NetworkError && reply.isLasting)) return GIVE_UP;
    const delayMs = backoffMs(kind, attempts, world.random(), retryAfter);
    if (world.monotonic() + delayMs >= giveUpAt - minAttemptMs) return GIVE_UP;
    spent = budget.spend(kind);
    return spent === 0 ? GIVE_UP : { kind: 'retry', delayMs, because: code };
  };

  return {
    next: (reply, isResult) => {
      attempts += 1;
      if (!isResult) return afterFailure(reply);
      budget.refund(spent);
      return { kind: 'return' };
    },
    maybeDelivered: () => maybeDelivered,
    error: (failure = last) => new ServiceError(failure.message, { ...failure, operation, maybeDelivered }),
    preservingDelivery: error => {
      if (!maybeDelivered || !(error instanceof CredentialsError)) return error;
      const { code, because, next } = error;
      const facts = { operation, code, because, next, maybeDelivered, cause: error };
      return new ServiceError(error.message, { ...facts, kind: 'credentials' });
    },
  };
};

const GIVE_UP: RetryStep = { kind: 'give-up' };
