import type { Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addOutputFlags, type OutputFlags, outputFlags } from '../../cli/options/output.ts';

export type ExplainOptions = OutputFlags & {
  /** Undefined: list everything. */
  readonly name: string | undefined;
};

export const addExplain = (program: Command, run: (options: ExplainOptions) => Promise<void>): Command =>
  addOutputFlags(
    program
      .command('explain')
      .summary('explain an error, a status or an exit code')
      .description(
        'Explains an outcome, an AWS status or error, an error of this tool, an exit code, or a word that another ' +
          'command prints (gap, pending): what it means, why it happens, and what to do. Makes no calls. Without a ' +
          'name, lists all of them.',
      )
      .argument('[name]', 'for example ThrottlingException, not-subscribed, gap or 5; case does not matter'),
  )
    .addHelpText('after', HELP)
    .action((name: string | undefined, raw) => run({ ...outputFlags(raw), name }));

const HELP = `
Examples:
  ampmeter explain InvalidLicenseException
  ampmeter explain unknown
  ampmeter explain 5
  ampmeter explain -o jsonl

${exitCodesHelp([0, 1, 2])}`;
