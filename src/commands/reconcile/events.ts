import { type Connection, connectTrail } from '../../cli/connection/connect.ts';
import type { LedgerScope } from '../../cli/ledger-location.ts';
import { eventsIn } from '../../cloudtrail/event-files.ts';
import type { EventStore, Range } from '../../cloudtrail/event-store.ts';
import { type LookupCaller, lookUp } from '../../cloudtrail/lookup.ts';
import { readEvent } from '../../cloudtrail/read-event.ts';
import { type EventTally, takeEvent } from '../../cloudtrail/reconcile.ts';
import { InputError } from '../../errors.ts';
import { counted } from '../../render/text/numbers.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import { HOUR_SECONDS } from '../../usage/hours.ts';
import { AWS } from '../../usage/scope.ts';
import { FUTURE_TOLERANCE_MS, WINDOWS } from '../../usage/windows.ts';
import type { World } from '../../world.ts';
import { type ReconcileOptions, serviceOf } from './options.ts';

/**
 * Takes in the events of files; gives the files in folders that were left out. Throws InputError when there is no event in
 * them, or one that can be read in two ways.
 */
export const readFiles = async (
  paths: readonly string[],
  evidence: EventStore,
  tally: EventTally,
  { files, stop }: Pick<World, 'files' | 'stop'>,
): Promise<readonly string[]> => {
  let found = 0;
  const leftOut: string[] = [];
  for await (const { file, place, value, duplicate } of eventsIn(paths, files, path => leftOut.push(path))) {
    if (stop.aborted) return leftOut;
    const name = file === '-' ? 'standard input' : file;
    if (duplicate !== undefined && readEvent(value).kind !== 'unrelated')
      throw new InputError(
        `${name}: event ${place}: ${duplicate.message}`,
        'nobody can tell which of the two is right: get the file again, or take the event out',
      );
    if (takeEvent(value, evidence, tally, `${place} of ${name}`)) found += 1;
  }
  if (found === 0 && tally.unreadableEvents > 0)
    throw new InputError(
      'there are no CloudTrail events in what --cloudtrail names',
      'name log files of a trail, or the output of aws cloudtrail lookup-events',
    );
  return leftOut;
};

/**
 * When usage of these hours may have been sent, epoch seconds: after its hour has begun, and AWS takes it no longer than
 * its window; an emulator may.
 */
export const sendingTime = ({ since, until }: Range, { endpoint }: LedgerScope, now: Date) => {
  const nowS = Math.ceil(now.getTime() / 1000);
  const last = until + (WINDOWS.BatchMeterUsage.hours + 1) * HOUR_SECONDS;
  return {
    from: since - FUTURE_TOLERANCE_MS / 1000,
    to: endpoint === AWS ? Math.min(nowS, last) : Math.max(nowS, last),
  };
};

type Asking = {
  readonly range: Range;
  readonly scope: LedgerScope;
  readonly evidence: EventStore;
  readonly tally: EventTally;
  readonly world: World;
};

/** A connection to CloudTrail that has been asked for its time. */
export type Trail = Connection<LookupCaller>;

/** How long CloudTrail's time is waited for, milliseconds. */
const ASK_MS = 3_000;

export const openTrail = async (
  options: ReconcileOptions,
  world: World,
  terminal: Terminal,
): Promise<Trail> => {
  const trail = await connectTrail(serviceOf(options), world, terminal);
  await trail.client.askTime(ASK_MS);
  const known = trail.client.known();
  if (known !== undefined) trail.tellClock(known.offsetMs);
  return trail;
};

/** Takes in the events that CloudTrail's history has. Ends early when the program is asked to stop. */
export const askCloudTrail = async (
  options: ReconcileOptions,
  { client }: Trail,
  { range, scope, evidence, tally, world }: Asking,
): Promise<void> => {
  const { from, to } = sendingTime(range, scope, world.now());
  const isWatched = options.output === 'table' && world.stderr.isTTY && !options.debug;
  try {
    const parts = { caller: client, world, giveUpAfterMs: options.giveUpAfterMs };
    for await (const value of lookUp(from, to, parts)) {
      const place = tally.events + tally.repeatedEvents + tally.unreadableEvents + 1;
      takeEvent(value, evidence, tally, `${place} of LookupEvents`);
      const asked = tally.events + tally.repeatedEvents;
      if (isWatched && asked % 50 === 0)
        await world.stderr.write(`\r\x1b[K${counted(asked, 'event')} from CloudTrail`);
    }
  } catch (error) {
    if (!world.stop.aborted) throw error;
  } finally {
    if (isWatched) await world.stderr.write('\r\x1b[K');
  }
};
