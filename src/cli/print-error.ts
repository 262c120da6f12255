import { UsageError } from '../errors.ts';
import type { Terminal } from '../render/text/terminal.ts';
import type { World } from '../world.ts';
import type { OutputFlags } from './options/connection.ts';

type Printing = Pick<OutputFlags, 'output' | 'debug'> & {
  /** As it was typed, without the program: advice is for this command. Empty when none is known. */
  readonly command: string;
};

/** Prints the error that ended a command, as text or as a line of JSON, and gives its exit code. */
export const printError = async (
  error: unknown,
  { output, debug, command }: Printing,
  { stderr, stopCode }: Pick<World, 'stderr' | 'stopCode'>,
  { err }: Pick<Terminal, 'err'>,
): Promise<number> => {
  // With its explanations it is loaded when there is an error, and not before.
  const { errorFacts, errorJson, errorText } = await import('../render/text/errors.ts');
  const facts = errorFacts(isWithoutFolder(error) ? WITHOUT_FOLDER : error, command);
  const said = { ...facts, exitCode: stopCode() ?? facts.exitCode };
  await stderr.write(output === 'table' ? errorText(said, err, debug) : errorJson(said));
  return facts.exitCode;
};

/** Any path that is not absolute needs it. */
const isWithoutFolder = (error: unknown): boolean => (error as NodeJS.ErrnoException).syscall === 'uv_cwd';

const WITHOUT_FOLDER = new UsageError(
  'the working directory no longer exists',
  'change to a folder that is there, and run the same command again',
);
