import { ServiceError } from '../errors.ts';
import type { World } from '../world.ts';
import type { Client } from './client.ts';
import { type Failure, failureOf, STOPPED } from './failures.ts';
import type { NetworkError } from './network-error.ts';
import { createOutageDetector } from './outage.ts';
import { backoffMs, createRetryBudget } from './retry.ts';

type Parts = {
  readonly url: URL;
  /** Why nothing may leave, now that AWS's time is known; undefined: it may. */
  readonly objection: () => Failure | undefined;
  readonly world: Pick<World, 'monotonic' | 'sleep' | 'random' | 'stop'>;
};

/** How long a reply to one question is waited for, milliseconds. */
const ASK_MS = 5_000;

export type TimeFirst = Client & {
  /**
   * Resolves when a call may leave. Rejects with ServiceError, as that call would. A caller that writes down what leaves
   * waits for this first: what waits for the time has not left.
   */
  readonly ready: (operation: string, giveUpAfterMs: number) => Promise<void>;
};

/**
 * The client for usage whose hour comes from a clock that could not be compared with AWS's. Nothing leaves before the
 * endpoint has told the time. Where it replies and does not tell, calls go one at a time until a reply does.
 */
export const withTimeFirst = (client: Client, { url, objection, world }: Parts): TimeFirst => {
  const isTold = (): boolean => client.known() !== undefined;
  let asking: Promise<void> | undefined;
  let wasAnswered = false;
  let last: Promise<unknown> = Promise.resolve();

  const end = (operation: string, failure: Failure): never => {
    throw new ServiceError(failure.message, { ...failure, operation, maybeDelivered: false });
  };

  /** Resolves when somebody has replied. Rejects with what a call would have ended with. */
  const ask = async (operation: string, giveUpAfterMs: number): Promise<void> => {
    const giveUpAt = world.monotonic() + giveUpAfterMs;
    const absence = createOutageDetector(world.monotonic());
    const budget = createRetryBudget();
    for (let attempt = 1; ; attempt += 1) {
      if (world.stop.aborted) end(operation, STOPPED);
      const error: NetworkError | undefined = await client.askTime(ASK_MS);
      wasAnswered ||= error === undefined;
      if (error === undefined) return;
      const failure = failureOf(error, url);
      absence.note(error, world.monotonic());
      const delayMs = backoffMs('unavailable', attempt, world.random());
      const isOver = world.monotonic() + delayMs >= giveUpAt || absence.isLasting() || error.isLasting;
      if (isOver || budget.spend('unavailable') === 0) end(operation, failure);
      await world.sleep(delayMs, world.stop).catch(() => end(operation, failure));
    }
  };

  const ready: TimeFirst['ready'] = async (operation, giveUpAfterMs) => {
    if (!isTold() && !wasAnswered) {
      asking ??= ask(operation, giveUpAfterMs).finally(() => {
        asking = undefined;
      });
      await asking;
    }
    const failure = isTold() ? objection() : undefined;
    if (failure !== undefined) end(operation, failure);
  };

  return {
    ...client,
    ready,
    call: async (operation, input, options) => {
      await ready(operation, options.giveUpAfterMs);
      const call = () =>
        client.call(operation, input, { ...options, objection: () => (isTold() ? objection() : undefined) });
      if (isTold()) return call();
      const before = last;
      const mine = before.then(call);
      last = mine.catch(() => {});
      return mine;
    },
  };
};
