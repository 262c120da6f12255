import { getHomeDir } from '@smithy/core/config';
import { unreadableBecause } from '../errors.ts';
import type { World } from '../world.ts';
import { type Headers, outlineOf } from './config-headers.ts';
import { noCredentials } from './no-credentials.ts';

type Outside = Pick<World, 'env' | 'files'>;

const SHARED_FILES = [
  ['AWS_CONFIG_FILE', 'config'],
  ['AWS_SHARED_CREDENTIALS_FILE', 'credentials'],
] as const;

/** What the shell puts in the place of `<(command)`: somebody writes into it. */
const IS_SUBSTITUTION = /^\/(dev\/fd|proc)\//;

/** A pipe that nobody writes into would hold the program, and not even let it end. */
const isLonelyPipe = async (path: string, files: World['files']): Promise<boolean> =>
  !IS_SUBSTITUTION.test(path) && (await files.stat(path).catch(() => undefined))?.kind === 'stream';

/** The text of a file that a variable or a profile names. Rejects with an error that unreadableBecause has words for. */
export const readNamed = async (path: string, files: World['files']): Promise<string> => {
  if (await isLonelyPipe(path, files)) throw new Error('it is a pipe, not a file');
  return files.text(path);
};

/** Rejects with CredentialsError before AWS's package reads a shared file that is none. */
export const refusePipes = async ({ env, files }: Outside): Promise<void> => {
  for (const [variable] of SHARED_FILES) {
    const path = env[variable];
    if (path && (await isLonelyPipe(path, files)))
      throw noCredentials(`${variable} (${path}) is a pipe, not a file`, `name a file, or unset ${variable}`);
  }
};

/** What AWS's package does not tell of the shared files. */
export type SharedFacts = {
  /** Files that could not be read, with the reason. One that nobody named need not exist. */
  readonly unread: readonly string[];
  readonly headers: Headers;
};

/** Rejects with CredentialsError when a section begins in a way that gives its settings to another profile. */
export const sharedFacts = async ({ env, files }: Outside): Promise<SharedFacts> => {
  const unread: string[] = [];
  const headers = new Map<string, readonly string[]>();
  for (const [variable, kind] of SHARED_FILES) {
    const named = env[variable];
    const file = named ? `${variable} (${named})` : `~/.aws/${kind}`;
    let text = '';
    try {
      text = await readNamed((named || `~/.aws/${kind}`).replace(/^~(?=\/)/, getHomeDir), files);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Without a home directory there are no files of the usual names.
      if (named || (code !== 'ENOENT' && code !== 'ERR_SYSTEM_ERROR'))
        unread.push(`${file} cannot be read: ${unreadableBecause(error)}`);
    }
    const outline = outlineOf(text, kind);
    if (outline.broken !== undefined)
      throw noCredentials(
        `line ${outline.broken} of ${file} begins a section and does not end with ]`,
        `write it as in ${kind === 'config' ? '[profile seller]' : '[seller]'}; what stands below it would count for the profile above it`,
      );
    for (const [profile, empty] of outline.headers)
      headers.set(profile, [...(headers.get(profile) ?? []), ...empty]);
  }
  return { unread, headers };
};
