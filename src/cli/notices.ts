import { show } from '../render/text/escape.ts';
import type { World } from '../world.ts';
import type { OutputFlags } from './options/output.ts';

type Heading = Pick<OutputFlags, 'output'> & { readonly files: readonly string[]; readonly quiet: boolean };

/** At most this many files are named. */
const MAX_FILES = 3;

/**
 * In cron's mail and in a log shared by many runs, the reader did not see the command: before the first text, this writes
 * the time, the command and its files on standard error. Not on a terminal, in JSON, or when only errors are printed.
 * Standard output may go to the same file, so its text comes after the heading too.
 */
export const withHeading = (
  { output, files, quiet }: Heading,
  { stdout, stderr, now, version }: Pick<World, 'stdout' | 'stderr' | 'now' | 'version'>,
): Pick<World, 'stdout' | 'stderr'> => {
  if (stderr.isTTY || output !== 'table' || quiet) return { stdout, stderr };
  const started = now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
  const more = files.length > MAX_FILES ? [`and ${files.length - MAX_FILES} more`] : [];
  const words = [started, 'ampmeter', version, 'batch', ...files.slice(0, MAX_FILES).map(show), ...more];
  let isWritten = false;
  const headed = (text: string): string => {
    if (isWritten) return text;
    isWritten = true;
    return `${words.join(' ')}\n${text}`;
  };
  return {
    stdout: {
      ...stdout,
      write: text => {
        if (!isWritten && text !== '') void stderr.write(headed(''));
        return stdout.write(text);
      },
    },
    stderr: { ...stderr, write: text => stderr.write(text === '' ? text : headed(text)) },
  };
};
