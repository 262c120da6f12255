import { ServiceError } from '../../errors.ts';
import { clockFailure, clockNote } from '../../metering/aws-clock.ts';
import type { Client } from '../../metering/client.ts';
import type { World } from '../../world.ts';
import type { Connection } from './connect.ts';

/** For a request for the time; shorter where nothing will be sent. */
const ASK_TIMEOUT_MS = 5_000;
const PREVIEW_ASK_TIMEOUT_MS = 2_000;

type ClockQuestion = {
  readonly operation: string;
  /** Nothing will be sent: there may be no network at all. */
  readonly sendsNothing: boolean;
  /** When the program was started, by the monotonic clock. */
  readonly startMs: number;
  readonly world: Pick<World, 'monotonic'>;
};

export type AskedClock = {
  /** AWS's time, as far as it is known. */
  readonly now: () => Date;
  /** The start of the program by that clock: the base of relative times. */
  readonly startedAt: () => Date;
  /** A note for a verdict about the age of usage. */
  readonly note: string | undefined;
  /** Why nothing can be sent: the clocks are too far apart. */
  readonly trouble: ServiceError | undefined;
};

type ClockSource = Pick<Connection<Pick<Client, 'askTime' | 'known' | 'now'>>, 'client' | 'reportClock'>;

/** Like `readClock`. Throws ServiceError when the clocks are too far apart for anything to be sent. */
export const askClock = async (connection: ClockSource, question: ClockQuestion): Promise<AskedClock> => {
  const clock = await readClock(connection, question);
  if (clock.trouble !== undefined) throw clock.trouble;
  return clock;
};

/**
 * Gets the time of the endpoint, once, before anything is decided by a clock. Without a reply, this machine's clock is
 * used.
 */
export const readClock = async (
  { client, reportClock }: ClockSource,
  { operation, sendsNothing, startMs, world }: ClockQuestion,
): Promise<AskedClock> => {
  await client.askTime(sendsNothing ? PREVIEW_ASK_TIMEOUT_MS : ASK_TIMEOUT_MS);
  const known = client.known();
  const trouble = known === undefined ? undefined : clockFailure(known.offsetMs);
  if (known !== undefined && trouble === undefined) reportClock(known.offsetMs);
  return {
    now: client.now,
    startedAt: () => new Date(client.now().getTime() - (world.monotonic() - startMs)),
    note: clockNote(known),
    trouble: trouble && new ServiceError(trouble.message, { ...trouble, operation }),
  };
};
