import type { ConnectionFlags } from '../metering/destination.ts';
import { show } from '../render/text/escape.ts';
import { shellWord } from '../usage/shell-word.ts';
import type { AwsAccess } from './options/aws-access.ts';

/** True: a flag without a value; undefined or false: the flag is left out. */
export type Flag = readonly [flag: string, value: string | boolean | undefined];

/** Without what the command does anyway. */
export const unlessDefault = (value: string, byDefault: string): string | undefined =>
  value === byDefault ? undefined : value;

/** Where a call goes, and how. */
export const connectionFlags = (flags: Connection): readonly Flag[] => [
  ['--profile', flags.profile],
  ['--region', flags.region],
  ['--endpoint-url', flags.endpointUrl],
  ['--dual-stack', flags.dualStack],
  ['--fips', flags.fips],
  ['--ca-bundle', flags.caBundle],
];

type Connection = ConnectionFlags & Pick<AwsAccess, 'caBundle'>;

/** The flags of a command for the user to run, as words of a shell. */
export const flagWords = (flags: readonly Flag[]): string[] =>
  flags.flatMap(([flag, value]) =>
    value === undefined || value === false ? [] : value === true ? [flag] : [pair(flag, value)],
  );

/** A value that looks like a flag is joined to its flag. */
const pair = (flag: string, value: string): string =>
  value.startsWith('-') && value !== '-' ? `${flag}=${word(value)}` : `${flag} ${word(value)}`;

/** A file as an argument: one that begins with a dash would be read as a flag. */
export const fileWord = (path: string): string => word(path.startsWith('-') ? `./${path}` : path);

/** Characters that a terminal would not show are written as escapes. */
const word = (text: string): string =>
  show(text) === text ? shellWord(text) : `"$(printf %b '${octal(text)}')"`;

const octal = (text: string): string =>
  Array.from(Buffer.from(text), byte => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
