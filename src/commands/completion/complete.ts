import { ledgerPath } from '../../cli/ledger-location.ts';
import { show } from '../../render/text/escape.ts';
import { STATUSES } from '../../usage/outcome.ts';
import type { World } from '../../world.ts';
import { helpOn } from '../help/options.ts';
import { awsProfiles } from './aws-profiles.ts';
import type { Candidate } from './candidate.ts';
import { fromLedger } from './from-ledger.ts';
import type { CompleteOptions } from './options.ts';
import { valueInLine } from './typed-word.ts';

type Outside = Pick<World, 'env' | 'platform' | 'files' | 'stdout'>;

/**
 * Somebody has pressed Tab: whatever goes wrong here is said by the command itself when it is run, and not into the
 * line that is being typed.
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
      return ['UTC', ...Intl.supportedValuesOf('timeZone')].map(value => ({ value, says: '' }));
    case 'behaviours':
      return emulatedReadings();
    case 'explanations':
      return namesExplained();
    case 'faults':
      return faultsOften();
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
      const path = ledgerPath(valueInLine(line, '--ledger', world), world);
      return (await world.files.stat(path))?.kind === 'file' ? fromLedger(what, path) : [];
    }
    default:
      return what satisfies never;
  }
};

/** As `--behaviour` takes them. */
const emulatedReadings = async (): Promise<readonly Candidate[]> => {
  const { BEHAVIOURS } = await import('../../emulator/behaviours/behaviours.ts');
  return BEHAVIOURS.flatMap(({ name, readings }) =>
    readings.map(({ reading, description }) => ({ value: `${name}=${reading}`, says: description })),
  );
};

/** As `--fault` takes them: one call in ten is something to begin with. */
const faultsOften = async (): Promise<readonly Candidate[]> => {
  const { FAULTS } = await import('../../emulator/faults/table.ts');
  return FAULTS.map(({ name, description }) => ({ value: `${name}:0.1`, says: description }));
};

/** A list with commas that goes on: what is in it already is not offered again. `word` may have its flag before it. */
const oneMoreOf = (names: readonly string[], word: string): readonly Candidate[] => {
  const typed = word.replace(/^--[a-z-]+=/, '').replace(/^["']/, '');
  const list = typed.slice(0, typed.lastIndexOf(',') + 1);
  const taken = new Set(list.split(','));
  return names.filter(name => !taken.has(name)).map(name => ({ value: `${list}${name}`, says: '' }));
};

/** The words between a command and the one that is being typed. */
const wordsBefore = (line: readonly string[], command: string): readonly string[] =>
  line.slice(line.indexOf(command) + 1, -1).filter(word => !word.startsWith('-'));

/** A name that stands for several things is there once. */
const namesExplained = async (): Promise<readonly Candidate[]> => {
  const { EXPLAINED } = await import('../explain/run.ts');
  return [...new Map(EXPLAINED.map(({ name, kind }) => [name, { value: name, says: kind }])).values()];
};

/** A value that would have to be written otherwise to be shown is not offered; nor one that would be read as a flag. */
const isHarmless = ({ value }: Candidate): boolean =>
  value !== '' && !value.startsWith('-') && show(value) === value && value.length <= LONGEST;

/** No name of AWS's is longer. Characters. */
const LONGEST = 512;

/** What is said beside a candidate has the rest of a line. Characters. */
const SAID = 60;

const lineOf = ({ value, says }: Candidate): string => `${value}\t${show(says).slice(0, SAID)}\n`;
