import type { World } from '../../world.ts';
import type { Candidate } from './candidate.ts';

type Outside = Pick<World, 'env' | 'files'>;

/** A config file of hundreds of accounts is far smaller. Bytes. */
const LIMIT_BYTES = 2_000_000;

/**
 * The profiles of the AWS config files, found as the AWS CLI finds them (AWS CLI User Guide, "Configuration and
 * credential file settings"). Only the names are read: nothing else of these files is looked at.
 */
export const awsProfiles = async ({ env, files }: Outside): Promise<readonly Candidate[]> => {
  const home = env['HOME'] || env['USERPROFILE'];
  const place = (variable: string, name: string): string | undefined =>
    env[variable] || (home === undefined ? undefined : `${home}/.aws/${name}`);
  const [config, credentials] = await Promise.all([
    textOf(place('AWS_CONFIG_FILE', 'config'), files),
    textOf(place('AWS_SHARED_CREDENTIALS_FILE', 'credentials'), files),
  ]);
  const names = new Set([...profilesIn(config, true), ...profilesIn(credentials, false)]);
  return [...names].map(value => ({ value, says: '' }));
};

/** In the config file a section of a profile begins with that word, but for the default's; others are no profiles. */
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
    return facts?.kind === 'file' && facts.size <= LIMIT_BYTES ? await files.text(path) : '';
  } catch {
    return '';
  }
};
