import { getHomeDir } from '@smithy/core/config';
import { unreadableBecause, type World } from '../world.ts';

const SHARED_FILES = [
  ['AWS_CONFIG_FILE', 'config'],
  ['AWS_SHARED_CREDENTIALS_FILE', 'credentials'],
] as const;

/**
 * Which of the shared AWS files cannot be read, and why; AWS's package passes over them in silence. One that nobody
 * named need not exist.
 */
export const unreadFiles = async ({
  env,
  files,
}: Pick<World, 'env' | 'files'>): Promise<readonly string[]> => {
  const found = await Promise.all(
    SHARED_FILES.map(async ([variable, name]) => {
      const named = env[variable];
      try {
        await files.text((named || `~/.aws/${name}`).replace(/^~(?=\/)/, getHomeDir));
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
