import type { World } from '../../world.ts';
import { type CommandSpec, commandSpecOf } from './command-spec.ts';
import type { CompletionOptions, Shell } from './options.ts';
import { bashCompletion } from './shells/bash.ts';
import { fishCompletion } from './shells/fish.ts';
import { zshCompletion } from './shells/zsh.ts';

/**
 * Printed by the tool, a script always belongs to its version; `completions/` has the same for packagers. The scripts are
 * frozen: tests in real shells hold them, and they change only with the commands.
 */
export const COMPLETIONS: Readonly<Record<Shell, (program: CommandSpec) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export const runCompletion = async (
  { shell, program }: CompletionOptions,
  { stdout }: Pick<World, 'stdout'>,
): Promise<number> => {
  await stdout.write(COMPLETIONS[shell](commandSpecOf(program)));
  return 0;
};
