import type { World } from '../world.ts';
import { bashCompletion } from './completion/bash.ts';
import { fishCompletion } from './completion/fish.ts';
import { type Shape, shapeOf } from './completion/shape.ts';
import { zshCompletion } from './completion/zsh.ts';
import type { CompletionOptions, Shell } from './completion.ts';

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
