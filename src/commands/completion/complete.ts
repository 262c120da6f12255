import { fileOfLedger, ledgerLocation } from '../../cli/ledger-location.ts';
import { show } from '../../render/text/escape.ts';
import { STATUSES } from '../../usage/outcome.ts';
import type { World } from '../../world.ts';
import { helpOn } from '../help/options.ts';
import { awsProfiles, fromLedger, plain } from './dynamic.ts';
import type { CompleteOptions } from './options.ts';
import { valueInLine } from './typed-word.ts';
import type { Candidate } from './values.ts';

type Outside = Pick<World, 'env' | 'platform' | 'files' | 'stdout'>;

/**
 * Called when the user presses Tab: errors are not printed into the line that is being typed. The command itself reports
 * them when it is run.
 */
export const runComplete = async (options: CompleteOptions, world: Outside): Promise<number> => {
  const found = await candidatesFor(options, world).catch(() => []);
  await world.stdout.write(found.filter(isHarmless).map(lineOf).join(''));
  return 0;
};

const candidatesFor = async (
  { what, line, program }: CompleteOptions,
  world: Outside,
): Promise<readonly Candidate[]> => {
  switch (what) {
    case 'profiles':
      return awsProfiles(world);
    case 'zones':
      return plain(['UTC', ...Intl.supportedValuesOf('timeZone')]);
    case 'behaviours':
      return emulatedReadings();
    case 'explanations':
      return namesExplained();
    case 'faults':
      return faultsWithRate();
    case 'statuses':
      return oneMoreOf(STATUSES, line.at(-1) ?? '');
    case 'topics':
      return helpOn(program, wordsBefore(line, 'help'));
    case 'customers':
    case 'dimensions':
    case 'endpoints':
    case 'licenses':
    case 'products':
    case 'runs': {
      // A table is not asked: the user is waiting at the prompt.
      const path = fileOfLedger(ledgerLocation(valueInLine(line, '--ledger', world), world));
      return path !== undefined && (await world.files.stat(path))?.kind === 'file'
        ? fromLedger(what, path)
        : [];
    }
    default:
      return what satisfies never;
  }
};

/** In the form of `--behaviour`. */
const emulatedReadings = async (): Promise<readonly Candidate[]> => {
  const { BEHAVIOURS } = await import('../../emulator/behaviours/behaviours.ts');
  return BEHAVIOURS.flatMap(({ name, readings }) =>
    readings.map(({ reading, description }) => ({ value: `${name}=${reading}`, description })),
  );
};

/** In the form of `--fault`, for one call in ten. */
const faultsWithRate = async (): Promise<readonly Candidate[]> => {
  const { FAULTS } = await import('../../emulator/faults/table.ts');
  return FAULTS.map(({ name, description }) => ({ value: `${name}:0.1`, description }));
};

/** Continues a list with commas, without the names that it already has. `word` may begin with its flag. */
const oneMoreOf = (names: readonly string[], word: string): readonly Candidate[] => {
  const typed = word.replace(/^--[a-z-]+=/, '').replace(/^["']/, '');
  const list = typed.slice(0, typed.lastIndexOf(',') + 1);
  const taken = new Set(list.split(','));
  return plain(names.filter(name => !taken.has(name)).map(name => `${list}${name}`));
};

/** The words between a command and the word that is being typed. */
const wordsBefore = (line: readonly string[], command: string): readonly string[] =>
  line.slice(line.indexOf(command) + 1, -1).filter(word => !word.startsWith('-'));

/** A name with several meanings is listed once. */
const namesExplained = async (): Promise<readonly Candidate[]> => {
  const { EXPLAINED } = await import('../explain/run.ts');
  return [...new Map(EXPLAINED.map(({ name, kind }) => [name, { value: name, description: kind }])).values()];
};

/** Values that cannot be shown as they are, or would be read as a flag, are not offered. */
const isHarmless = ({ value }: Candidate): boolean =>
  value !== '' && !value.startsWith('-') && show(value) === value && value.length <= MAX_VALUE_LENGTH;

/** No name in AWS is longer. Characters. */
const MAX_VALUE_LENGTH = 512;

/** A description fits on the line of its value. Characters. */
const MAX_DESCRIPTION_LENGTH = 60;

const lineOf = ({ value, description }: Candidate): string =>
  `${value}\t${show(description).slice(0, MAX_DESCRIPTION_LENGTH)}\n`;
