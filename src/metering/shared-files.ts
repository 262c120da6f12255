import { getHomeDir } from '@smithy/core/config';
import { unreadableBecause, type World } from '../world.ts';
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

/**
 * Which of the shared AWS files cannot be read, and why; AWS's package passes over them in silence. One that nobody
 * named need not exist.
 */
export const unreadFiles = async ({ env, files }: Outside): Promise<readonly string[]> => {
  const found = await Promise.all(
    SHARED_FILES.map(async ([variable, name]) => {
      const named = env[variable];
      try {
        await readNamed((named || `~/.aws/${name}`).replace(/^~(?=\/)/, getHomeDir), files);
        return undefined;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // Without a home directory there are no files of the usual names.
        if (!named && (code === 'ENOENT' || code === 'ERR_SYSTEM_ERROR')) return undefined;
        const file = named ? `${variable} (${named})` : `~/.aws/${name}`;
        return `${file} cannot be read: ${unreadableBecause(error)}`;
      }
    }),
  );
  return found.filter(trouble => trouble !== undefined);
};
