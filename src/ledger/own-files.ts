import { lstatSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { LedgerError } from '../errors.ts';
import { shellWord } from '../usage/shell-word.ts';
import { ledgerError } from './sqlite.ts';

/** The files that SQLite keeps beside a database, by ending. */
const JOURNALS: readonly string[] = ['-wal', '-shm', '-journal'];

/** The files that belong to the ledger at a path, itself first: SQLite's journals, and the lock of an upload. */
export const ledgerFiles = (path: string): string[] =>
  ['', ...JOURNALS, '.lock', '.lock-journal'].map(ending => resolve(path) + ending);

export const OTHER_LEDGER = 'choose another with --ledger, or set AMPMETER_LEDGER';

/** What is at a path, without following a link; undefined if there is nothing. */
const at = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });

/**
 * Checks that a file may be used as a ledger or as its lock: it must be the user's own and have one name only, because
 * SQLite keeps its journals, and the tool its lock, beside the name. Gives whether the file exists; throws LedgerError
 * if it may not be used.
 */
export const isOwnFile = (file: string): boolean => {
  try {
    checkJournals(file, true);
    const facts = at(file);
    if (facts === undefined) return false;
    if (!facts.isFile()) throw notOrdinary(file, facts);
    checkLinks(file, facts, ' (the one with a -wal file next to it, if there is one)');
    if (isMountedAlone(file)) throw mountedAlone(file);
    const uid = ownUid();
    if (uid >= 0 && facts.uid !== uid)
      throw new LedgerError(`the ledger ${file} belongs to another user`, { next: OTHER_LEDGER });
    return true;
  } catch (error) {
    throw ledgerError(file, error);
  }
};

/** The file to read, links followed; undefined if there is none. Throws LedgerError if it is not a file. */
export const readableFile = (file: string): string | undefined => {
  const facts = statSync(file, { throwIfNoEntry: false });
  if (facts === undefined) return undefined;
  if (!facts.isFile()) throw notOrdinary(file, facts);
  const real = at(file)?.isSymbolicLink() ? realpathSync(file) : file;
  checkJournals(real, false);
  return real;
};

/** -1 if it is not known. In many containers the user has no name, and `userInfo` fails only for that. */
export const ownUid = (): number => {
  try {
    return userInfo().uid;
  } catch {
    return statSync('/proc/self', { throwIfNoEntry: false })?.uid ?? -1;
  }
};

/** SQLite opens whatever is there: at a pipe it would wait forever. */
const checkJournals = (file: string, isWritten: boolean): void => {
  for (const path of JOURNALS.map(ending => file + ending)) {
    const facts = at(path);
    if (facts === undefined) continue;
    if (!facts.isFile())
      throw new LedgerError(`${path} is not a regular file, but SQLite keeps a journal under this name`, {
        next: 'move it away, then run the same command again',
      });
    if (isWritten) checkLinks(path, facts);
  }
};

const notOrdinary = (file: string, facts: Stats): LedgerError => {
  const real = facts.isSymbolicLink() ? realFile(file) : undefined;
  return real === undefined
    ? new LedgerError(`the ledger ${file} is not a regular file`, { next: OTHER_LEDGER })
    : new LedgerError(`the ledger ${file} is not a regular file but a link to ${real}`, {
        next: `name the file itself: --ledger ${shellWord(real)}`,
      });
};

const realFile = (link: string): string | undefined =>
  statSync(link, { throwIfNoEntry: false })?.isFile() ? realpathSync(link) : undefined;

/** Whether the file has another name, under which another program may use it. */
export const hasOtherName = (file: string): boolean => statSync(file).nlink > 1 || isMountedAlone(file);

/** As containers mount single files of their host. Only Linux shows it; source: proc(5), mountinfo. */
const isMountedAlone = (file: string): boolean => {
  try {
    const escaped = realpathSync(file).replace(
      /[\\ \t\n]/g,
      character => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return mounts.some(mount => mount.split(' ')[4] === escaped);
  } catch {
    return false;
  }
};

const mountedAlone = (file: string): LedgerError =>
  new LedgerError(`${file} is mounted without its folder: two runs could use it at the same time`, {
    because: 'the lock and the journals are kept next to the file, and would end up in another folder',
    next: 'mount the folder of the ledger instead of the file',
  });

/** `also`: what else to know when choosing the name to keep. */
const checkLinks = (file: string, { nlink }: Stats, also = ''): void => {
  if (nlink <= 1) return;
  throw new LedgerError(`${file} has ${nlink} names (hard links): two runs could use it at the same time`, {
    next: `keep one name${also} and delete the others; to list them, run: find / -xdev -samefile ${shellWord(file)}`,
  });
};
