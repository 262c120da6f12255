import { OutputError, UsageError } from '../errors.ts';
import type { Terminal } from '../render/text/terminal.ts';
import type { World } from '../world.ts';
import type { ErrorFlags } from './typed-command.ts';

/** Prints the error that ended a command, as text or as a line of JSON, and gives its exit code. */
export const printError = async (
  error: unknown,
  { output, debug, command }: Omit<ErrorFlags, 'color'>,
  { stderr, stopCode }: Pick<World, 'stderr' | 'stopCode'>,
  { err }: Pick<Terminal, 'err'>,
): Promise<number> => {
  // Loaded with all explanations only when there is an error.
  const { errorFacts, errorJson, errorText } = await import('../render/text/errors.ts');
  const facts = errorFacts(isWithoutFolder(error) ? WITHOUT_FOLDER : error, command);
  const printed = { ...facts, exitCode: stopCode() ?? facts.exitCode };
  await stderr.write(output === 'table' ? errorText(printed, err, debug) : errorJson(printed));
  return facts.exitCode;
};

/** Node needs the working directory for every path that is not absolute. */
const isWithoutFolder = (error: unknown): boolean => (error as NodeJS.ErrnoException).syscall === 'uv_cwd';

const WITHOUT_FOLDER = new UsageError(
  'the working directory no longer exists',
  'change to a directory that exists, and run the same command again',
);

const ELSEWHERE = 'free some space, or send the output elsewhere';

/** Commands that are not just run again. The lost output may have been a help text or a dry run. */
const NEXT: Readonly<Record<string, string>> = {
  batch: `${ELSEWHERE}, and run the same command again: no record is billed twice`,
  // Only the identical call may be repeated, and the error says which one that is.
  meter: ELSEWHERE,
  'ledger backup': 'a copy that was made is complete; only what was printed is lost',
};

/** A result that could not be written to standard output, except because its reader has left. The work is done. */
export class LostOutputError extends OutputError {
  constructor(because: string, command: string) {
    super(
      `standard output could not be written: ${because}`,
      NEXT[command] ?? `${ELSEWHERE}, and run the same command again`,
    );
  }
}
