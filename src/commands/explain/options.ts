import type { Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addOutputFlags, type OutputFlags } from '../../cli/options/output.ts';

export type ExplainOptions = OutputFlags & {
  /** Undefined: everything there is to explain. */
  readonly name: string | undefined;
};

export const addExplain = (program: Command, run: (options: ExplainOptions) => Promise<void>): Command =>
  addOutputFlags(
    program
      .command('explain')
      .summary('explain an error, a status or an exit code')
      .description(
        "Tells what an outcome, a status or an error of AWS's, an error of this tool or an exit code means, why it " +
          'happens, and what to do. Nothing is called. Without a name it lists all.',
      )
      .argument('[name]', 'such as ThrottlingException, not-subscribed or 5; case does not matter'),
  )
    .addHelpText('after', HELP)
    .action((name: string | undefined, raw: Omit<OutputFlags, 'debug'> & { readonly debug?: boolean }) =>
      run({ output: raw.output, color: raw.color, debug: raw.debug ?? false, name }),
    );

const HELP = `
Examples:
  ampmeter explain InvalidLicenseException
  ampmeter explain unknown
  ampmeter explain 5
  ampmeter explain -o jsonl

${exitCodesHelp([0, 1, 2])}`;
