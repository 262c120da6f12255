import { lstatSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { LedgerError } from '../errors.ts';
import { shellWord } from '../usage/shell-word.ts';
import { JOURNALS } from './companions.ts';
import { ledgerError } from './sqlite.ts';

export const OTHER_LEDGER = 'name another with --ledger, or set AMPMETER_LEDGER';

/** Gives what stands at a path without following a link; undefined when nothing does. */
const at = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });

/**
 * Whether a file may be written as a ledger, or as its lock: nobody else's, and under one name only, because SQLite keeps
 * its journals, and we the lock, beside the name. Gives whether it is there; throws LedgerError when it may not.
 */
export const isOwnFile = (file: string): boolean => {
  try {
    checkJournals(file, true);
    const facts = at(file);
    if (facts === undefined) return false;
    if (!facts.isFile()) throw notOrdinary(file, facts);
    checkLinks(file, facts, ', that with a -wal beside it if there is one,');
    if (isMountedAlone(file)) throw mountedAlone(file);
    const uid = ownUid();
    if (uid >= 0 && facts.uid !== uid)
      throw new LedgerError(`the ledger ${file} belongs to another user`, { next: OTHER_LEDGER });
    return true;
  } catch (error) {
    throw ledgerError(file, error);
  }
};

/** The file that is to be read, links followed; undefined when there is none. Throws LedgerError when it is no file. */
export const readableFile = (file: string): string | undefined => {
  const facts = statSync(file, { throwIfNoEntry: false });
  if (facts === undefined) return undefined;
  if (!facts.isFile()) throw notOrdinary(file, facts);
  const real = at(file)?.isSymbolicLink() ? realpathSync(file) : file;
  checkJournals(real, false);
  return real;
};

/** -1 where it cannot be told. In many containers the user has no name, which is all that `userInfo` fails for. */
export const ownUid = (): number => {
  try {
    return userInfo().uid;
  } catch {
    return statSync('/proc/self', { throwIfNoEntry: false })?.uid ?? -1;
  }
};

/** SQLite opens what stands there: at a pipe it would wait for ever. */
const checkJournals = (file: string, isWritten: boolean): void => {
  for (const path of JOURNALS.map(ending => file + ending)) {
    const facts = at(path);
    if (facts === undefined) continue;
    if (!facts.isFile())
      throw new LedgerError(`${path} is not an ordinary file, and stands where SQLite keeps a journal`, {
        next: 'move it away; then run the same command again',
      });
    if (isWritten) checkLinks(path, facts);
  }
};

const notOrdinary = (file: string, facts: Stats): LedgerError => {
  const real = facts.isSymbolicLink() ? realFile(file) : undefined;
  return real === undefined
    ? new LedgerError(`the ledger ${file} is not an ordinary file`, { next: OTHER_LEDGER })
    : new LedgerError(`the ledger ${file} is not an ordinary file, but a link to ${real}`, {
        next: `name the file itself: --ledger ${shellWord(real)}`,
      });
};

const realFile = (link: string): string | undefined =>
  statSync(link, { throwIfNoEntry: false })?.isFile() ? realpathSync(link) : undefined;

/** Whether the file has another name, under which somebody else may use it. */
export const hasOtherName = (file: string): boolean => statSync(file).nlink > 1 || isMountedAlone(file);

/** As a container may have a file of its host. Told by Linux only; source: proc(5), mountinfo. */
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
    because: 'the lock and the journals of SQLite are kept beside the file, and would be in another folder',
    next: 'mount the folder that the ledger is in, instead of the file',
  });

/** `also`: what else there is to know for whoever chooses the name that stays. */
const checkLinks = (file: string, { nlink }: Stats, also = ''): void => {
  if (nlink <= 1) return;
  throw new LedgerError(`${file} has ${nlink} names (hard links): two runs could use it at the same time`, {
    next: `keep one name${also} and delete the others; to list them: find / -xdev -samefile ${shellWord(file)}`,
  });
};
