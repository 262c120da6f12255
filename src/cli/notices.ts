import { show } from '../render/text/escape.ts';
import type { World } from '../world.ts';
import type { OutputFlags } from './options/output.ts';

type Spoken = Pick<OutputFlags, 'output'> & { readonly files: readonly string[]; readonly quiet: boolean };

/** More are not named. */
const NAMED = 3;

/**
 * In cron's mail and in a log that many runs write to, nobody saw the command being typed: the first thing that is said
 * on standard error, if anything is, says when, what and on which files. A terminal and JSON are left alone, and so is
 * who wants nothing but errors.
 */
export const withHeading = (
  { output, files, quiet }: Spoken,
  { stderr, now, version }: Pick<World, 'stderr' | 'now' | 'version'>,
): World['stderr'] => {
  if (stderr.isTTY || output !== 'table' || quiet) return stderr;
  const started = now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
  const more = files.length > NAMED ? [`and ${files.length - NAMED} more`] : [];
  const words = [started, 'ampmeter', version, 'batch', ...files.slice(0, NAMED).map(show), ...more];
  let isSaid = false;
  return {
    ...stderr,
    write: text => {
      if (isSaid || text === '') return stderr.write(text);
      isSaid = true;
      return stderr.write(`${words.join(' ')}\n${text}`);
    },
  };
};
