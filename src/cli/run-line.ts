import { CommanderError } from 'commander';
import { EXIT, UnfinishedCallError } from '../errors.ts';
import { terminalFor } from '../render/text/terminal.ts';
import type { World } from '../world.ts';
import { withLoss } from './exit-codes.ts';
import { LostOutputError, printError } from './print-error.ts';
import { createProgram } from './program.ts';
import { commandsFor, declarationsOf, type ParsedLine } from './registry.ts';
import { asUsageError, errorFlagsOf, followTyped } from './typed-command.ts';

/** Runs what was typed after the name of the program, and returns its exit code. Every error is printed, none is thrown. */
export const runLine = async (argv: readonly string[], world: World): Promise<number> => {
  let exitCode: number = EXIT.done;
  const declarations = await declarationsOf(commandsFor(argv));
  const onParsed = async ({ run }: ParsedLine): Promise<void> => {
    exitCode = await run(world);
  };
  const program = createProgram(declarations, onParsed, world);
  const typed = followTyped(program);
  const print = (error: unknown): Promise<number> => {
    const flags = errorFlagsOf(argv, typed);
    return printError(error, flags, world, terminalFor(world, flags.color));
  };
  let isLossPrinted = false;
  try {
    if (argv.length === 0) {
      program.outputHelp({ error: true });
      return EXIT.usage;
    }
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!isHelpOrVersion(error)) {
      isLossPrinted = (error instanceof UnfinishedCallError ? error.cause : error) instanceof LostOutputError;
      const known = error instanceof CommanderError ? asUsageError(error, typed) : error;
      exitCode = await print(known);
    }
  }
  await Promise.all([world.stdout.drained(), world.stderr.drained()]);
  const lost = world.stdout.failure();
  if (lost !== undefined && !isLossPrinted) {
    await print(new LostOutputError(lost, typed.name()));
    exitCode = withLoss(exitCode);
  }
  return world.stopCode() ?? exitCode;
};

/** Commander ends these with an error as well. */
const isHelpOrVersion = (error: unknown): boolean => error instanceof CommanderError && error.exitCode === 0;
