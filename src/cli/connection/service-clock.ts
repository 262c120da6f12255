import { ServiceError } from '../../errors.ts';
import { clockFailure, clockNote } from '../../metering/aws-clock.ts';
import type { Client } from '../../metering/client.ts';
import type { World } from '../../world.ts';
import type { Connection } from './connect.ts';

/** How long the endpoint's time is waited for; less where nothing is to be sent. Milliseconds. */
const ASK_MS = 5_000;
const ASK_IN_VAIN_MS = 2_000;

type Asking = {
  readonly operation: string;
  /** Nothing is to be sent: it may be that there is no network at all. */
  readonly sendsNothing: boolean;
  /** When the program was started, by the monotonic clock. */
  readonly startMs: number;
  readonly world: Pick<World, 'monotonic'>;
};

export type AskedClock = {
  /** AWS's time, as far as it is known. */
  readonly now: () => Date;
  /** The program's start by that clock: what a relative time counts from. */
  readonly startedAt: () => Date;
  /** What to say beside a verdict about the age of usage. */
  readonly note: string | undefined;
  /** Why nothing can be sent: the clocks are too far apart. */
  readonly trouble: ServiceError | undefined;
};

type Asked = Pick<Connection<Pick<Client, 'askTime' | 'known' | 'now'>>, 'client' | 'reportClock'>;

/** As `readClock`. Throws ServiceError when the clocks are too far apart for anything to be sent. */
export const askClock = async (connection: Asked, asking: Asking): Promise<AskedClock> => {
  const clock = await readClock(connection, asking);
  if (clock.trouble !== undefined) throw clock.trouble;
  return clock;
};

/**
 * Asks the endpoint what time it is, once, before anything is decided by a clock. Without a reply this machine's clock
 * has to do.
 */
export const readClock = async (
  { client, reportClock }: Asked,
  { operation, sendsNothing, startMs, world }: Asking,
): Promise<AskedClock> => {
  await client.askTime(sendsNothing ? ASK_IN_VAIN_MS : ASK_MS);
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
