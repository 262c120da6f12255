import type { Destination, InputId, PinnedInput, Pins } from '../ledger/pins.ts';
import { pinBeside } from '../ledger/pins.ts';
import { counted, hourText } from '../report/numbers.ts';
import { show } from '../report/show.ts';
import type { InputFile } from '../upload/files.ts';
import { isRelative } from '../usage/timestamp.ts';
import { startOfHour } from '../usage/windows.ts';
import type { World } from '../world.ts';
import type { BatchOptions } from './batch.ts';
import type { BatchVoice } from './batch-voice.ts';

type Timed = Pick<BatchOptions, 'timestamp' | 'productCode' | 'newUsage'>;

type Facts = {
  readonly options: Timed;
  readonly files: readonly InputFile[];
  /** What `--timestamp` means, epoch milliseconds. */
  readonly at: number;
  /** Undefined where nothing outlives the run. */
  readonly pins: Pins | undefined;
  /** By how much AWS's clock is ahead of the one that `at` is by; undefined: nobody knows. */
  readonly offsetMs: number | undefined;
  /** Nothing is written down. */
  readonly isPreview: boolean;
  readonly voice: Pick<BatchVoice, 'warn'>;
  readonly world: Pick<World, 'files'>;
};

/** What `--timestamp` means for the files of this run. */
export type TimeOfFiles = {
  /** Files that an earlier run began keep the instant of that run, epoch milliseconds. */
  readonly pinned: ReadonlyMap<string, number>;
  /** The files by digest, with the instant each is billed for. */
  readonly inputs: readonly PinnedInput[];
};

/** What was planned by a clock that could not be compared gets its right hour; then `timeOfFiles`. */
export const openTime = async (facts: Facts): Promise<TimeOfFiles> => {
  const { pins, offsetMs, isPreview, voice } = facts;
  if (pins !== undefined && !isPreview) await correctPins(pins, offsetMs, voice);
  return timeOfFiles(facts);
};

/**
 * Fixes the instant of each file: the first run that reads it with a relative time decides, until a run has billed all
 * of it. Tells which files keep an earlier hour.
 */
const timeOfFiles = async (facts: Facts): Promise<TimeOfFiles> => {
  const { options, files, at, pins, offsetMs, isPreview, voice, world } = facts;
  const { timestamp, newUsage } = options;
  if (pins === undefined || timestamp === undefined) return { pinned: new Map(), inputs: [] };
  const isMoving = isRelative(timestamp);
  if (!isMoving && !pins.any()) return { pinned: new Map(), inputs: [] };
  const digests = await Promise.all(
    files.map(async file => ({ name: file.name, ...(await idOf(file, options, world)) })),
  );
  const all = digests.map(({ input, file }) => ({ input, file, at }));
  // An instant that is typed is what it says; when all of it is billed the pin of that hour is done.
  if (!isMoving) return { pinned: new Map(), inputs: all };
  const found = newUsage ? [] : digests.map(({ name, ...id }) => ({ name, at: pins.find(id) }));
  if (!isPreview) pins.add(all, { anew: newUsage, compared: offsetMs !== undefined });
  const pinned = new Map(
    found.flatMap(({ name, at: before }) => (before === undefined ? [] : [[name, before]])),
  );
  for (const [name, before] of pinned) {
    if (startOfHour(before) === startOfHour(at)) continue;
    await voice.warn(
      `${show(name)} was begun for the hour ${hourAt(before)} and not all of it was billed: it keeps that hour, and nothing is billed for ${hourAt(at)}; if it is new usage, use --new-usage`,
    );
  }
  return {
    pinned,
    inputs: digests.map(({ name, ...id }) => ({ ...id, at: pinned.get(name) ?? at })),
  };
};

const correctPins = async (
  pins: Pins,
  offsetMs: number | undefined,
  voice: Pick<BatchVoice, 'warn'>,
): Promise<void> => {
  const moved = offsetMs === undefined ? 0 : pins.correct(offsetMs);
  if (moved > 0)
    await voice.warn(
      `${counted(moved, 'record')} of an earlier run had the hour of this machine's clock, which could not be compared then; now in the hour by AWS's clock`,
    );
};

/** A run that found the ledger in use has begun its files all the same. */
export const pinFilesBeside = async (
  path: string,
  destination: Destination,
  { options, files, at, offsetMs, world }: Pick<Facts, 'options' | 'files' | 'at' | 'offsetMs' | 'world'>,
): Promise<void> => {
  const inputs = await Promise.all(files.map(async file => ({ ...(await idOf(file, options, world)), at })));
  pinBeside(path, destination, inputs, offsetMs !== undefined);
};

/** The same file for another product is other usage. */
const idOf = async (
  { path, isStream, facts: { device, inode, modifiedMs, size } }: InputFile,
  { productCode }: Timed,
  { files }: Pick<World, 'files'>,
): Promise<InputId> => {
  const digest = await files.sha256(path);
  return {
    input: productCode === undefined ? digest : `${digest} ${productCode}`,
    file: isStream ? undefined : [device, inode, modifiedMs, size].join(':'),
  };
};

/** With which words the same command bills the same hour, whenever it is run again. */
export const againText = (
  files: readonly InputFile[],
  { pinned }: Pick<TimeOfFiles, 'pinned'>,
  { timestamp = '' }: Pick<BatchOptions, 'timestamp'>,
  at: number,
): string => {
  const hours = Map.groupBy(files, ({ name }) => hourAt(pinned.get(name) ?? at));
  const flags = [...hours].map(([hour, some]) =>
    hours.size === 1
      ? `--timestamp ${hour}`
      : `--timestamp ${hour} for ${some.map(({ name }) => show(name)).join(', ')}`,
  );
  return `to run this again, use ${flags.join(' and ')} in place of --timestamp ${timestamp}: usage keeps its hour`;
};

const hourAt = (ms: number): string => `${hourText(startOfHour(ms)).replace('Z', '')}:00Z`;
