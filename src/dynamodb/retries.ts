import { NetworkError } from '../metering/network-error.ts';
import { createOutageDetector } from '../metering/outage.ts';
import type { World } from '../world.ts';
import { isConditionFailure, isExpired, isTemporary, tableError } from './table-error.ts';

export type RetryParts = {
  /** How long a request is retried before the table counts as out of reach, in milliseconds. */
  readonly giveUpAfterMs: number;
  readonly world: Pick<World, 'monotonic' | 'random' | 'sleep' | 'stop'>;
};

type RetryTarget = {
  /** Of the table, for errors. */
  readonly name: string;
  readonly region: string;
  /** Called before the next try when the credentials have expired. */
  readonly renew: () => void;
};

type Call = <T>(operation: string, send: () => Promise<T>) => Promise<T>;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5000;

/** A run that is stopped still writes down what it knows, but does not wait longer than this for a table that fails. */
const GRACE_MS = 5000;

const REPLIED = { status: 0, headers: {}, body: '' };

/**
 * Calls a table until there is an answer, as long as what fails may pass. Rejects with what a user is told, or with the
 * failure of a condition.
 */
export const createRetries =
  ({ giveUpAfterMs, world }: RetryParts, { name, region, renew }: RetryTarget): Call =>
  async (operation, send) => {
    const startMs = world.monotonic();
    const outage = createOutageDetector(startMs);
    let until = startMs + giveUpAfterMs;
    let isRenewed = false;
    let isStopping = false;
    for (let round = 0; ; round += 1) {
      const result = await send().then(
        value => ({ value }),
        (error: unknown) => ({ error }),
      );
      if ('value' in result) return result.value;
      const { error } = result;
      if (isConditionFailure(error)) throw error;
      const now = world.monotonic();
      outage.note(error instanceof NetworkError ? error : REPLIED, now);
      if (world.stop.aborted && !isStopping) {
        isStopping = true;
        until = Math.min(until, now + GRACE_MS);
      }
      if (isExpired(error) && !isRenewed) {
        isRenewed = true;
        renew();
        continue;
      }
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** round, LONGEST_PAUSE_MS) * (0.5 + world.random() / 2);
      if (outage.isLasting() || now + pauseMs >= until || !isTemporary(error))
        throw tableError(error, { name, region, operation });
      await (world.stop.aborted ? world.sleep(pauseMs) : world.sleep(pauseMs, world.stop).catch(() => {}));
    }
  };
