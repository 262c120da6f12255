import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates a folder and its missing parents, one by one; throws Node's error if one cannot be created. Node's own recursive
 * mkdir never ends if a folder exists but allows no entries (/proc, a mounted folder that was removed): it alternates
 * between the folder and its child. Every step here goes toward the root, or ends.
 */
export const makeFolder = (path: string, mode: number): void => {
  try {
    mkdirSync(path, { mode });
    return;
  } catch (error) {
    // Whatever the reason, such as a read-only disk: a folder that exists need not be created.
    if (isFolder(path)) return;
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    makeFolder(parent, mode);
  }
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process may have created it in the meantime.
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
