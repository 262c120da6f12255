import { ServiceError } from '../errors.ts';
import type { World } from '../world.ts';
import type { Client } from './client.ts';
import { type Failure, failureOf, STOPPED } from './failures.ts';
import type { NetworkError } from './network-error.ts';
import { createOutageDetector } from './outage.ts';
import { backoffMs, createRetryBudget } from './retry.ts';

type GateOptions = {
  readonly url: URL;
  /** Why nothing may leave, now that AWS's time is known; undefined: it may. */
  readonly objection: () => Failure | undefined;
  readonly world: Pick<World, 'monotonic' | 'sleep' | 'random' | 'stop'>;
};

/** For each request for the time. */
const ASK_TIMEOUT_MS = 5_000;

export type TimeGatedClient = Client & {
  /**
   * Resolves when a call may leave. Rejects with ServiceError, as that call would. A caller that records what it sends
   * must wait for this first: until then, nothing has left.
   */
  readonly ready: (operation: string, giveUpAfterMs: number) => Promise<void>;
};

/**
 * The client for usage whose hour comes from a clock that could not be compared with AWS's. Nothing leaves before a reply
 * of the endpoint has the time. If it replies without one, calls go one at a time until a reply has it.
 */
export const withTimeGate = (client: Client, { url, objection, world }: GateOptions): TimeGatedClient => {
  const isTimeKnown = (): boolean => client.known() !== undefined;
  let asking: Promise<void> | undefined;
  let hasReplied = false;
  let last: Promise<unknown> = Promise.resolve();

  const end = (operation: string, failure: Failure): never => {
    throw new ServiceError(failure.message, { ...failure, operation, maybeDelivered: false });
  };

  /** Resolves when the endpoint has replied. Rejects with the error that a call would have ended with. */
  const ask = async (operation: string, giveUpAfterMs: number): Promise<void> => {
    const giveUpAt = world.monotonic() + giveUpAfterMs;
    const outage = createOutageDetector(world.monotonic());
    const budget = createRetryBudget();
    for (let attempt = 1; ; attempt += 1) {
      if (world.stop.aborted) end(operation, STOPPED);
      const error: NetworkError | undefined = await client.askTime(ASK_TIMEOUT_MS);
      hasReplied ||= error === undefined;
      if (error === undefined) return;
      const failure = failureOf(error, url);
      outage.note(error, world.monotonic());
      const delayMs = backoffMs('unavailable', attempt, world.random());
      const isOver = world.monotonic() + delayMs >= giveUpAt || outage.isLasting() || error.isLasting;
      if (isOver || budget.spend('unavailable') === 0) end(operation, failure);
      await world.sleep(delayMs, world.stop).catch(() => end(operation, failure));
    }
  };

  const ready: TimeGatedClient['ready'] = async (operation, giveUpAfterMs) => {
    if (!isTimeKnown() && !hasReplied) {
      asking ??= ask(operation, giveUpAfterMs).finally(() => {
        asking = undefined;
      });
      await asking;
    }
    const failure = isTimeKnown() ? objection() : undefined;
    if (failure !== undefined) end(operation, failure);
  };

  return {
    ...client,
    ready,
    call: async (operation, input, options) => {
      await ready(operation, options.giveUpAfterMs);
      const call = () =>
        client.call(operation, input, {
          ...options,
          objection: () => (isTimeKnown() ? objection() : undefined),
        });
      if (isTimeKnown()) return call();
      const before = last;
      const mine = before.then(call);
      last = mine.catch(() => {});
      return mine;
    },
  };
};
