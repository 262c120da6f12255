import { eventsIn } from '../cloudtrail/event-files.ts';
import type { Evidence, Range } from '../cloudtrail/evidence.ts';
import { type LookupCaller, lookUp } from '../cloudtrail/lookup.ts';
import { type EventTally, takeEvent } from '../cloudtrail/reconcile.ts';
import { InputError } from '../errors.ts';
import { counted } from '../report/numbers.ts';
import type { Terminal } from '../report/terminal.ts';
import { AWS } from '../usage/scope.ts';
import { FUTURE_TOLERANCE_MS, WINDOWS } from '../usage/windows.ts';
import type { World } from '../world.ts';
import { type Connection, connectTrail } from './connect.ts';
import type { LedgerScope } from './ledger-scope.ts';
import { type ReconcileOptions, serviceOf } from './reconcile.ts';

const HOUR_S = 3600;

/** Takes in the events of files. Throws InputError when there is none in them. */
export const readFiles = async (
  paths: readonly string[],
  evidence: Evidence,
  tally: EventTally,
  { files, stop }: Pick<World, 'files' | 'stop'>,
): Promise<void> => {
  let found = 0;
  for await (const { value } of eventsIn(paths, files)) {
    if (stop.aborted) return;
    if (takeEvent(value, evidence, tally)) found += 1;
  }
  if (found === 0 && tally.otherEvents > 0)
    throw new InputError(
      'there are no CloudTrail events in what --cloudtrail names',
      'name log files of a trail, or the output of aws cloudtrail lookup-events',
    );
};

type Asking = {
  readonly range: Range;
  readonly scope: LedgerScope;
  readonly evidence: Evidence;
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
  const now = Math.ceil(world.now().getTime() / 1000);
  // Usage is sent after its hour has begun, and AWS takes it no longer than its window; an emulator may.
  const from = range.since - FUTURE_TOLERANCE_MS / 1000;
  const last = range.until + (WINDOWS.BatchMeterUsage.hours + 1) * HOUR_S;
  const to = scope.endpoint === AWS ? Math.min(now, last) : Math.max(now, last);
  const isWatched = options.output === 'table' && world.stderr.isTTY && !options.debug;
  try {
    const parts = { caller: client, world, giveUpAfterMs: options.giveUpAfterMs };
    for await (const value of lookUp(from, to, parts)) {
      takeEvent(value, evidence, tally);
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
