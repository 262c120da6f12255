import type { World } from '../../world.ts';
import { type Shape, shapeOf } from './command-spec.ts';
import type { CompletionOptions, Shell } from './options.ts';
import { bashCompletion } from './shells/bash.ts';
import { fishCompletion } from './shells/fish.ts';
import { zshCompletion } from './shells/zsh.ts';

/** The same texts stand in `completions/`, for packagers; made here, they never belong to another version. */
export const COMPLETIONS: Readonly<Record<Shell, (program: Shape) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export const runCompletion = async (
  { shell, program }: CompletionOptions,
  { stdout }: Pick<World, 'stdout'>,
): Promise<number> => {
  await stdout.write(COMPLETIONS[shell](shapeOf(program)));
  return 0;
};
