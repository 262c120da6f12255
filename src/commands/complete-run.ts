import { show } from '../report/show.ts';
import type { World } from '../world.ts';
import { awsProfiles } from './completion/aws-profiles.ts';
import type { Candidate } from './completion/candidate.ts';
import { fromLedger } from './completion/from-ledger.ts';
import { valueInLine } from './completion/line.ts';
import type { CompleteOptions } from './completion.ts';
import { ledgerPath } from './ledger-path.ts';

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
  { what, line }: CompleteOptions,
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
  const { BEHAVIOURS } = await import('../emulator/rules/behaviours.ts');
  return BEHAVIOURS.flatMap(({ name, readings }) =>
    readings.map(({ reading, says }) => ({ value: `${name}=${reading}`, says })),
  );
};

/** A name that stands for several things is there once. */
const namesExplained = async (): Promise<readonly Candidate[]> => {
  const { EXPLAINED } = await import('./explain-run.ts');
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
