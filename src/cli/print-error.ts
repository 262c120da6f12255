import { UsageError } from '../errors.ts';
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
