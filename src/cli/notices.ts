import { show } from '../render/text/escape.ts';
import type { World } from '../world.ts';
import type { OutputFlags } from './options/output.ts';

type Heading = Pick<OutputFlags, 'output'> & { readonly files: readonly string[]; readonly quiet: boolean };

/** At most this many files are named. */
const MAX_FILES = 3;

/**
 * In cron's mail and in a log shared by many runs, the reader did not see the command: before the first text on standard
 * error, this writes the time, the command and its files. Not on a terminal, in JSON, or when only errors are printed.
 */
export const withHeading = (
  { output, files, quiet }: Heading,
  { stderr, now, version }: Pick<World, 'stderr' | 'now' | 'version'>,
): World['stderr'] => {
  if (stderr.isTTY || output !== 'table' || quiet) return stderr;
  const started = now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
  const more = files.length > MAX_FILES ? [`and ${files.length - MAX_FILES} more`] : [];
  const words = [started, 'ampmeter', version, 'batch', ...files.slice(0, MAX_FILES).map(show), ...more];
  let isWritten = false;
  return {
    ...stderr,
    write: text => {
      if (isWritten || text === '') return stderr.write(text);
      isWritten = true;
      return stderr.write(`${words.join(' ')}\n${text}`);
    },
  };
};
