import { Argument, type Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { DYNAMIC_VALUES, type DynamicValue } from './values.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

export type CompletionOptions = {
  readonly shell: Shell;
  /** The commands to complete. */
  readonly program: Command;
};

export type CompleteOptions = {
  readonly what: DynamicValue;
  readonly program: Command;
  /** The command line so far, without the tool's own name, as the shell has it: with quotes. */
  readonly line: readonly string[];
};

export const addCompletion = (
  program: Command,
  run: (options: CompletionOptions) => Promise<void>,
): Command =>
  program
    .command('completion')
    .summary('print the completion script for a shell')
    .description(
      'Prints the script with which a shell completes commands, flags, files, AWS profiles, Regions, and values from ' +
        'the ledger: runs, product codes, dimensions, customers, licenses.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', HELP)
    .action((shell: Shell) => run({ shell, program }));

const HELP = `
Examples:
  ampmeter completion bash > ~/.local/share/bash-completion/completions/ampmeter
  ampmeter completion zsh > "\${fpath[1]}/_ampmeter"
  ampmeter completion fish > ~/.config/fish/completions/ampmeter.fish
  source <(ampmeter completion bash)

${exitCodesHelp([0, 1, 2])}`;

/** Called by the completion scripts. Hidden in the help. */
export const addComplete = (program: Command, run: (options: CompleteOptions) => Promise<void>): Command =>
  program
    .command('__complete', { hidden: true })
    .description(
      'Prints candidates for a word of a command line, one a line: the value, a tab, a description.',
    )
    .addArgument(new Argument('<what>', 'what to list').choices(DYNAMIC_VALUES))
    .argument('[line...]', 'the command line so far, after --')
    .action((what: DynamicValue, line: string[]) => run({ what, line, program }));
