import manifest from '../package.json' with { type: 'json' };
import { createProgram } from '../src/cli/program.ts';
import { COMMANDS, declarationsOf } from '../src/cli/registry.ts';
import { loadParts } from '../src/cli/typed-command.ts';
import { commandSpecOf } from '../src/commands/completion/command-spec.ts';
import { SHELLS, type Shell } from '../src/commands/completion/options.ts';
import { COMPLETIONS } from '../src/commands/completion/run.ts';
import { manualPage } from './manual.ts';

/** The command tree of the sources; nothing in it can be run. */
export const sourceTree = async () => {
  const program = sourceProgram();
  for (const command of program.commands) await loadParts(command);
  return commandSpecOf(program);
};

const DECLARATIONS = await declarationsOf(COMMANDS);

export const sourceProgram = () => {
  const nowhere = { write: async () => {}, isTTY: false, columns: () => undefined } as never;
  const { version } = manifest;
  return createProgram(DECLARATIONS, async () => {}, { env: {}, stdout: nowhere, stderr: nowhere, version });
};

export const COMPLETION_FILES: Readonly<Record<Shell, string>> = {
  bash: 'completions/ampmeter.bash',
  zsh: 'completions/_ampmeter',
  fish: 'completions/ampmeter.fish',
};

/** Files of the package that are made from the command tree, by their paths from the root. */
export const generated = async (): Promise<Readonly<Record<string, string>>> => {
  const tree = await sourceTree();
  return {
    ...Object.fromEntries(SHELLS.map(shell => [COMPLETION_FILES[shell], COMPLETIONS[shell](tree)])),
    'man/ampmeter.1': manualPage(tree, manifest),
  };
};
