import { quoted, shellWord } from '../errors.ts';
import { show } from '../render/text/escape.ts';

export { quoted, shellWord };

/** True: a flag without a value; undefined or false: it is not there. */
export type Flag = readonly [flag: string, value: string | boolean | undefined];

/** The flags of a command that a person is to run, as words of a shell. */
export const flagWords = (flags: readonly Flag[]): string[] =>
  flags.flatMap(([flag, value]) =>
    value === undefined || value === false ? [] : value === true ? [flag] : [pair(flag, value)],
  );

/** A value that looks like a flag is joined to its own. */
const pair = (flag: string, value: string): string =>
  value.startsWith('-') && value !== '-' ? `${flag}=${word(value)}` : `${flag} ${word(value)}`;

/** A file as an argument: one that begins with a dash would be a flag. */
export const fileWord = (path: string): string => word(path.startsWith('-') ? `./${path}` : path);

/** What a terminal would not show as it is, the command has printed. */
const word = (text: string): string =>
  show(text) === text ? shellWord(text) : `"$(printf %b '${octal(text)}')"`;

const octal = (text: string): string =>
  Array.from(Buffer.from(text), byte => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
