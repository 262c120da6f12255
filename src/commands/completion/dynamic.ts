import {
  endpointsIn,
  type LedgerValue,
  newestRuns,
  type RunValue,
  valuesIn,
} from '../../ledger/queries/values.ts';
import { LedgerReader } from '../../ledger/reader.ts';
import type { World } from '../../world.ts';
import type { Candidate } from './values.ts';

/** The user is waiting at the prompt: a ledger that another program has locked is skipped. */
const WAIT_MS = 100;

/** No status is read, and only statuses depend on the time. */
const ANY_TIME = new Date(0);

/** What the ledger has. Throws LedgerError when it cannot be read. */
export const fromLedger = (what: LedgerValue | 'endpoints' | 'runs', path: string): readonly Candidate[] => {
  const reader = LedgerReader.open(path, ANY_TIME, WAIT_MS);
  try {
    switch (what) {
      case 'runs':
        return newestRuns(reader).map(runCandidate);
      case 'endpoints':
        return plain(endpointsIn(reader));
      default:
        return plain(valuesIn(reader, what));
    }
  } finally {
    reader[Symbol.dispose]();
  }
};

const runCandidate = ({ run, started, exitCode, files }: RunValue): Candidate => {
  const end = exitCode === undefined ? 'not finished' : `exit code ${exitCode}`;
  return { value: String(run), description: `${started}, ${end}, ${files.join(' ')}` };
};

/** Values that need no description. */
export const plain = (values: readonly string[]): readonly Candidate[] =>
  values.map(value => ({ value, description: '' }));

type Outside = Pick<World, 'env' | 'files'>;

/** A config file with hundreds of accounts is far smaller. */
const MAX_BYTES = 2_000_000;

/**
 * The profiles of the AWS config files, found as the AWS CLI finds them (AWS CLI User Guide, "Configuration and
 * credential file settings"). Only the names are read.
 */
export const awsProfiles = async ({ env, files }: Outside): Promise<readonly Candidate[]> => {
  const home = env['HOME'] || env['USERPROFILE'];
  const place = (variable: string, name: string): string | undefined =>
    env[variable] || (home === undefined ? undefined : `${home}/.aws/${name}`);
  const [config, credentials] = await Promise.all([
    textOf(place('AWS_CONFIG_FILE', 'config'), files),
    textOf(place('AWS_SHARED_CREDENTIALS_FILE', 'credentials'), files),
  ]);
  return plain([...new Set([...profilesIn(config, true), ...profilesIn(credentials, false)])]);
};

/** In the config file the section of a profile begins with `profile`, except for the default one. */
const profilesIn = (text: string, isConfig: boolean): string[] =>
  [...text.matchAll(/^[ \t]*\[([^\]\n]*)\]/gm)].flatMap(([, section = '']) => {
    const [, name] = isConfig
      ? (/^\s*profile\s+(\S.*?)\s*$/.exec(section) ?? /^\s*(default)\s*$/.exec(section) ?? [])
      : (/^\s*(\S.*?)\s*$/.exec(section) ?? []);
    return name === undefined ? [] : [name.replace(/^(["'])(.*)\1$/, '$2')];
  });

const textOf = async (path: string | undefined, files: Outside['files']): Promise<string> => {
  if (path === undefined) return '';
  try {
    const facts = await files.stat(path);
    return facts?.kind === 'file' && facts.size <= MAX_BYTES ? await files.text(path) : '';
  } catch {
    return '';
  }
};
