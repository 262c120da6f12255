import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and its missing parents, one by one; throws Node's error when one cannot be made. Node's own recursive
 * mkdir never ends where a folder exists but takes no entries (/proc, a mounted folder that was removed): it goes back
 * and forth between the folder and its child. Every step here leads towards the root, or ends.
 */
export const makeFolder = (path: string, mode: number): void => {
  try {
    mkdirSync(path, { mode });
    return;
  } catch (error) {
    // Whatever the reason, such as a read-only disk: what is there need not be made.
    if (isFolder(path)) return;
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    makeFolder(parent, mode);
  }
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isFolder(path)) throw error;
  }
};

const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
};
