import { spanText } from '../metering/aws-clock.ts';
import type { Client } from '../metering/client.ts';
import type { Failure } from '../metering/failures.ts';
import { type TimeGatedClient, withTimeGate } from '../metering/time-gate.ts';
import { hourText } from '../render/text/numbers.ts';
import { type EpochMs, type EpochSeconds, startOfHour } from '../usage/hours.ts';
import { isRelative, parseWhen } from '../usage/timestamp.ts';
import type { World } from '../world.ts';
import type { Connection } from './connection/connect.ts';
import type { AskedClock } from './connection/service-clock.ts';

type Relative = {
  /** As typed after `--timestamp`. */
  readonly text: string;
  /** The hour that it was taken for. */
  readonly hour: EpochSeconds;
  readonly clock: Pick<AskedClock, 'startedAt'>;
  /** Instants by such a clock for which earlier runs planned usage that this run sends. */
  readonly earlier?: readonly EpochMs[];
  readonly world: Pick<World, 'monotonic' | 'sleep' | 'random' | 'stop'>;
};

export type Guarded = Client & Partial<TimeGatedClient>;

/**
 * The client for usage whose hour is by this machine's clock, because AWS's clock could not be checked. As soon as
 * AWS's time is known, nothing is sent for an hour that it does not confirm. Gives the client itself if AWS's time is
 * known or the hour does not depend on it.
 */
export const guardHour = (
  { client, destination }: Pick<Connection, 'client' | 'destination'>,
  { text, hour, clock, earlier = [], world }: Relative,
): Guarded => {
  if ((!isRelative(text) && earlier.length === 0) || client.known() !== undefined) return client;
  const objection = (): Failure | undefined => {
    const when = isRelative(text)
      ? parseWhen(text, { now: clock.startedAt(), timezone: undefined })
      : undefined;
    const meant = when?.ok ? startOfHour(when.value) : hour;
    const { offsetMs } = client.known() ?? { offsetMs: 0 };
    const isMoved = earlier.some(at => startOfHour(at) !== startOfHour(at + offsetMs));
    if (meant === hour && !isMoved) return undefined;
    const offset = `AWS's clock is ${spanText(offsetMs)} ${offsetMs > 0 ? 'ahead of' : 'behind'} it`;
    const message =
      meant === hour
        ? `${offset}, and an earlier run used it to plan usage for an hour`
        : `${offset}, and --timestamp ${text} is in the hour of ${hourText(meant)}, not ${hourText(hour)}`;
    return { kind: 'clock', code: 'ClockWrong', message, maybeDelivered: false };
  };
  return withTimeGate(client, { url: destination.url, objection, world });
};
