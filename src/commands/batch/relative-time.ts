import { pinBeside } from '../../ledger/pins.ts';
import type { InputId, PinnedInput, PinStore } from '../../ledger/run-ledger.ts';
import { show } from '../../render/text/escape.ts';
import { counted, hourText } from '../../render/text/numbers.ts';
import type { InputFile } from '../../upload/input-files.ts';
import { type EpochMs, startOfHour } from '../../usage/hours.ts';
import type { DestinationScope } from '../../usage/scope.ts';
import { isRelative } from '../../usage/timestamp.ts';
import type { World } from '../../world.ts';
import type { BatchOptions } from './options.ts';
import type { BatchReporter } from './output.ts';

type Timed = Pick<BatchOptions, 'timestamp' | 'productCode' | 'newUsage'>;

type TimeFacts = {
  readonly options: Timed;
  readonly files: readonly InputFile[];
  /** What `--timestamp` means. */
  readonly at: EpochMs;
  /** Undefined if nothing outlives the run. */
  readonly pins: PinStore | undefined;
  /** By how much AWS's clock is ahead of the one that `at` is by; undefined: not known. */
  readonly offsetMs: number | undefined;
  /** Nothing is saved. */
  readonly isPreview: boolean;
  readonly reporter: Pick<BatchReporter, 'warn' | 'remedy'>;
  readonly world: Pick<World, 'files'>;
};

/** What `--timestamp` means for the files of this run. */
export type TimeOfFiles = {
  /** Files that an earlier run began keep the instant of that run. */
  readonly pinned: ReadonlyMap<string, EpochMs>;
  /** The files by digest, with the instant each is billed for. */
  readonly inputs: readonly PinnedInput[];
};

/** Corrects what was planned by a clock that could not be compared with AWS's, then pins the files of this run. */
export const openTime = async (facts: TimeFacts): Promise<TimeOfFiles> => {
  const { at, pins, offsetMs, isPreview, reporter } = facts;
  if (pins === undefined || isPreview) return timeOfFiles(facts);
  const advised = await typedAsAdvised(facts, pins);
  await correctPins(pins, { offsetMs, earlier: pins.uncompared(), reporter });
  const { pinned, inputs } = await timeOfFiles(facts);
  const moved = new Map(pinned);
  for (const { name, ...id } of advised) {
    const right = pins.find(id);
    if (right === undefined || startOfHour(right) === startOfHour(at)) continue;
    moved.set(name, right);
    await reporter.remedy(
      `${show(name)} is billed for ${hourAt(right)}: ${hourAt(at)} was the hour by this machine's clock, which could not be compared with AWS's at that time`,
    );
  }
  const instants = new Map(advised.map(({ name, input }) => [input, moved.get(name) ?? at]));
  return { pinned: moved, inputs: inputs.map(one => ({ ...one, at: instants.get(one.input) ?? one.at })) };
};

/** Files for which a user typed an hour that a run had printed by a clock that was not compared: it means that usage. */
const typedAsAdvised = async (
  { options, files, at, world }: TimeFacts,
  pins: PinStore,
): Promise<readonly (InputId & { readonly name: string })[]> => {
  const { timestamp } = options;
  if (timestamp === undefined || isRelative(timestamp) || !pins.any()) return [];
  const ids = await Promise.all(
    files.map(async file => ({ name: file.name, ...(await idOf(file, options, world)) })),
  );
  return ids.filter(id => {
    const before = pins.namedAt(id);
    return before !== undefined && startOfHour(before) === startOfHour(at);
  });
};

/**
 * Pins the instant of each file: the first run that reads it with a relative time decides, until a run has billed all of
 * it. Reports which files keep an earlier hour.
 */
const timeOfFiles = async (facts: TimeFacts): Promise<TimeOfFiles> => {
  const { options, files, at, pins, offsetMs, isPreview, reporter, world } = facts;
  const { timestamp, newUsage } = options;
  if (pins === undefined || timestamp === undefined) return { pinned: new Map(), inputs: [] };
  const isMoving = isRelative(timestamp);
  if (!isMoving && !pins.any()) return { pinned: new Map(), inputs: [] };
  const digests = await Promise.all(
    files.map(async file => ({ name: file.name, ...(await idOf(file, options, world)) })),
  );
  const all = digests.map(({ input, file }) => ({ input, file, at }));
  // An absolute time needs no pin; but when all of it is billed, the pin of that hour is deleted.
  if (!isMoving) return { pinned: new Map(), inputs: all };
  const before = newUsage ? [] : digests.map(({ name, ...id }) => ({ name, at: pins.find(id) }));
  if (!isPreview) await pins.add(all, { replace: newUsage, compared: offsetMs !== undefined });
  // Another machine may have been first with the same file.
  const found = before.map(({ name, at: earlier }, index) => ({
    name,
    at: earlier ?? otherThan(at, pins.find(digests[index] as InputId)),
  }));
  const pinned = new Map(
    found.flatMap(({ name, at: before }) => (before === undefined ? [] : [[name, before]])),
  );
  for (const [name, before] of pinned) {
    if (startOfHour(before) === startOfHour(at)) continue;
    await reporter.remedy(
      `${show(name)} keeps the hour ${hourAt(before)}, because an earlier run began it for that hour and did not end with exit code 0; nothing is billed for ${hourAt(at)}; if it is new usage, use --new-usage`,
    );
  }
  return {
    pinned,
    inputs: digests.map(({ name, ...id }) => ({ ...id, at: pinned.get(name) ?? at })),
  };
};

const otherThan = (at: EpochMs, found: EpochMs | undefined): EpochMs | undefined =>
  found === at ? undefined : found;

type Correction = Pick<TimeFacts, 'offsetMs' | 'reporter'> & {
  /** The instants for which earlier runs planned usage by a clock that was not compared. */
  readonly earlier: readonly EpochMs[];
};

/** Gives usage that was planned by a clock that could not be compared its right hour, once AWS's time is known. */
export const correctPins = async (
  pins: PinStore,
  { offsetMs, earlier, reporter }: Correction,
): Promise<void> => {
  if (offsetMs === undefined) return;
  const moved = await pins.correct(offsetMs);
  if (moved === 0 && earlier.length > 0)
    await reporter.warn(
      `an earlier run planned usage by this machine's clock, because AWS's clock could not be checked: it keeps ${[...new Set(earlier.map(hourAt))].join(', ')}; check that this clock was right then`,
    );
  if (moved > 0)
    await reporter.warn(
      `${counted(moved, 'record')} ${moved === 1 ? 'was' : 'were'} planned by this machine's clock, which could not be compared with AWS's then; corrected to the hour by AWS's clock`,
    );
};

/** The instants of the files, by AWS's clock as it is known since. */
export const pinnedNow = (
  files: readonly InputFile[],
  { inputs }: Pick<TimeOfFiles, 'inputs'>,
  pins: Pick<PinStore, 'find'>,
): ReadonlyMap<string, number> =>
  new Map(
    files.flatMap(({ name }, place) => {
      const input = inputs[place];
      const at = input === undefined ? undefined : pins.find(input);
      return at === undefined ? [] : [[name, at] as const];
    }),
  );

/** Pins the files of a run that found the ledger in use. Gives the instant of each. */
export const pinFilesBeside = async (
  path: string,
  destination: DestinationScope,
  { options, files, at, offsetMs, world }: Pick<TimeFacts, 'options' | 'files' | 'at' | 'offsetMs' | 'world'>,
): Promise<Pick<TimeOfFiles, 'pinned'>> => {
  const digests = await Promise.all(
    files.map(async file => ({ name: file.name, ...(await idOf(file, options, world)) })),
  );
  const inputs = digests.map(({ input, file }) => ({ input, file, at }));
  const found = pinBeside(path, destination, inputs, offsetMs !== undefined);
  const before = options.newUsage ? new Map<string, number>() : found;
  return { pinned: new Map(digests.map(({ name, input }) => [name, before.get(input) ?? at])) };
};

/** The same file for another product is different usage. */
const idOf = async (
  { bytes, facts }: InputFile,
  { productCode }: Timed,
  { files }: Pick<World, 'files'>,
): Promise<InputId> => {
  const digest = await files.sha256(bytes());
  return {
    input: productCode === undefined ? digest : `${digest} ${productCode}`,
    file: facts && [facts.device, facts.inode, facts.modifiedMs, facts.size].join(':'),
  };
};

export type HourFacts = {
  /** The hour is by AWS's clock. */
  readonly isCompared: boolean;
  /** The ledger keeps it for the same command. */
  readonly isKept: boolean;
};

/**
 * How to run the command again so that it bills the same hour. An hour by a clock that could not be compared may turn out
 * to be another one; the ledger corrects it. With `--new-usage` each run is new usage, so that the flag must be omitted.
 */
export const rerunText = (
  files: readonly InputFile[],
  { pinned }: Pick<TimeOfFiles, 'pinned'>,
  { timestamp = '', newUsage }: Pick<BatchOptions, 'timestamp' | 'newUsage'>,
  { at, hour: { isCompared, isKept } }: { readonly at: EpochMs; readonly hour: HourFacts },
): string => {
  const hours = Map.groupBy(files, ({ name }) => hourAt(pinned.get(name) ?? at));
  const parts = [...hours].map(([hour, some]) =>
    hours.size === 1 ? hour : `${hour} for ${some.map(({ name }) => show(name)).join(', ')}`,
  );
  const flags = parts.map(part => `--timestamp ${part}`).join(' and ');
  const by = isCompared
    ? ''
    : ` by this machine's clock, which could not be compared with AWS's${isKept ? '; if that differs, the hour is corrected' : ''}`;
  return `to run this again, also after corrections, use ${flags} instead of --timestamp ${timestamp}${newUsage ? ' --new-usage' : ''}: the usage keeps its hour${by}`;
};

const hourAt = (ms: EpochMs): string => `${hourText(startOfHour(ms)).replace('Z', '')}:00Z`;
