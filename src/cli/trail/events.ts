import { eventsIn } from '../../cloudtrail/event-files.ts';
import type { EventStore, HourRange } from '../../cloudtrail/event-store.ts';
import { type LookupCaller, lookUp } from '../../cloudtrail/lookup.ts';
import { readEvent } from '../../cloudtrail/read-event.ts';
import { addEvent, type EventTally } from '../../cloudtrail/reconcile.ts';
import { InputError, OutputError } from '../../errors.ts';
import { isSqliteError } from '../../ledger/sqlite.ts';
import { counted } from '../../render/text/numbers.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import { type Connection, connectTrail } from '../connection/connect.ts';
import type { LedgerScope } from '../ledger-location.ts';
import { serviceOf, type TrailFlags } from './flags.ts';
import { sendingTime } from './range.ts';

/**
 * Adds the events of files to the store, and returns the files in folders that were not read. Throws InputError if there
 * are no events, or if an event has a member twice.
 */
export const readFiles = async (
  paths: readonly string[],
  store: EventStore,
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
        'it is unknown which of the two is right: get the file again, or remove the event',
      );
    if (addEvent(value, store, tally, `${place} of ${name}`)) found += 1;
  }
  if (found === 0 && tally.unreadableEvents > 0)
    throw new InputError(
      'the files of --cloudtrail contain no CloudTrail events',
      'use log files of a trail, or the output of aws cloudtrail lookup-events',
    );
  return leftOut;
};

/** A connection to CloudTrail whose clock is known. */
export type TrailConnection = Connection<LookupCaller>;

const CLOCK_TIMEOUT_MS = 3_000;

export const openTrail = async (
  options: TrailFlags,
  world: World,
  terminal: Terminal,
): Promise<TrailConnection> => {
  const trail = await connectTrail(serviceOf(options), world, terminal);
  await trail.client.askTime(CLOCK_TIMEOUT_MS);
  const known = trail.client.known();
  if (known !== undefined) trail.reportClock(known.offsetMs);
  return trail;
};

type LookupTarget = {
  readonly range: HourRange;
  readonly scope: LedgerScope;
  readonly store: EventStore;
  readonly tally: EventTally;
  readonly world: World;
};

/** Adds the events of CloudTrail's history to the store. Ends early if the program is asked to stop. */
export const lookUpEvents = async (
  options: TrailFlags,
  { client }: TrailConnection,
  { range, scope, store, tally, world }: LookupTarget,
): Promise<void> => {
  const { from, to } = sendingTime(range, scope, world.now());
  const showsProgress = options.output === 'table' && world.stderr.isTTY && !options.debug;
  try {
    const parts = { caller: client, world, giveUpAfterMs: options.giveUpAfterMs };
    for await (const value of lookUp(from, to, parts)) {
      const place = tally.events + tally.repeatedEvents + tally.unreadableEvents + 1;
      addEvent(value, store, tally, `${place} of LookupEvents`);
      const read = tally.events + tally.repeatedEvents;
      if (showsProgress && read % PROGRESS_EVENTS === 0)
        await world.stderr.write(`\r\x1b[K${counted(read, 'event')} from CloudTrail`);
    }
  } catch (error) {
    if (!world.stop.aborted) throw error;
  } finally {
    if (showsProgress) await world.stderr.write('\r\x1b[K');
  }
};

/** The progress line is rewritten after this many events. */
const PROGRESS_EVENTS = 50;

/** Failures of the ledger have their own errors, so an error of SQLite is one of the temporary database. */
export const temporaryError = (error: unknown): unknown =>
  isSqliteError(error)
    ? new OutputError(
        `the temporary database of the events failed: ${(error as Error).message}`,
        'free some space for temporary files (TMPDIR), or use a shorter time',
      )
    : error;
