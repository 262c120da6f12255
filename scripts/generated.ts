import manifest from '../package.json' with { type: 'json' };
import { createProgram, type Runs } from '../src/cli/program.ts';
import { commandSpecOf } from '../src/commands/completion/command-spec.ts';
import { SHELLS, type Shell } from '../src/commands/completion/options.ts';
import { COMPLETIONS } from '../src/commands/completion/run.ts';
import { manualPage } from './manual.ts';

/** The command tree of the sources. Its commands cannot be run. */
export const sourceTree = () => commandSpecOf(sourceProgram());

export const sourceProgram = () => {
  const nowhere = { write: async () => {}, isTTY: false, columns: () => undefined } as never;
  const { version } = manifest;
  return createProgram({} as Runs, { env: {}, stdout: nowhere, stderr: nowhere, version });
};

export const COMPLETION_FILES: Readonly<Record<Shell, string>> = {
  bash: 'completions/ampmeter.bash',
  zsh: 'completions/_ampmeter',
  fish: 'completions/ampmeter.fish',
};

/** The files of the package that are generated from the command tree, by their paths from the root. */
export const generated = (): Readonly<Record<string, string>> => {
  const tree = sourceTree();
  return {
    ...Object.fromEntries(SHELLS.map(shell => [COMPLETION_FILES[shell], COMPLETIONS[shell](tree)])),
    'man/ampmeter.1': manualPage(tree, manifest),
  };
};
