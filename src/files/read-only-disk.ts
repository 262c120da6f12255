import { accessSync, constants } from 'node:fs';

/**
 * Whether what exists at a path is on a file system that is mounted read-only. Permissions play no part there, not even
 * those of root, and SQLite tells nothing but that it cannot open the file.
 */
export const isOnReadOnlyDisk = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS';
  }
};
