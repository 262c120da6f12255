import type { Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { type AwsAccess, addAgreementAccess, awsAccess } from '../../cli/options/aws-access.ts';
import { addOutputFlags, type OutputFlags, outputFlags } from '../../cli/options/output.ts';
import { addSelectionFlags, type SelectionFlags, selectionFlags } from '../../cli/options/selection.ts';

/** As typed. */
export type ReportOptions = OutputFlags &
  SelectionFlags &
  AwsAccess & {
    /** Count hours that are missing for everybody with an agreement. */
    readonly agreements: boolean;
    /** A file, or `-` for standard output. */
    readonly html: string;
    /** Output of `reconcile -o json`. */
    readonly reconciliation: string | undefined;
    readonly force: boolean;
  };

export const addReport = (program: Command, run: (options: ReportOptions) => Promise<void>): Command =>
  addOutputFlags(
    addAgreementAccess(
      addSelectionFlags(
        program
          .command('report')
          .summary('create an HTML usage report from the ledger')
          .description(
            'Creates one HTML page without scripts or network access: usage over time, customers by hour with gaps ' +
              'and records not billed, outcomes, and top customers. The figures are those of history; long ranges are ' +
              'combined into days. Without --agreements it asks the endpoint only for the time, without credentials.',
          )
          .optionsGroup('Report:')
          .requiredOption('--html <file>', 'write the page to this file; - for standard output')
          .option(
            '--agreements',
            'add the gaps of the buyers whose agreements AWS lists, also of those without any record',
          )
          .option('--reconciliation <file>', 'include this output of reconcile -o json; - for standard input')
          .option('--force', 'overwrite a file that is not a report'),
        { since: 'the first record', until: 'none' },
      ),
      '--agreements',
    ),
  )
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        ...selectionFlags(raw),
        ...outputFlags(raw),
        ...awsAccess(raw),
        agreements: raw.agreements ?? false,
        html: raw.html,
        reconciliation: raw.reconciliation,
        force: raw.force ?? false,
      }),
    );

const HELP = `
The page contains customer ids, so only you can read the file (mode 0600). An
existing report is overwritten.

--agreements adds the gaps that ampmeter gaps --agreements lists, and a section
with the estimated value of billed usage and of gaps. If AWS cannot be asked, no
page is written.

Examples:
  ampmeter report --html usage.html --since -7d
  ampmeter report --html usage.html --agreements --since -7d
  ampmeter report --html november.html --since 2026-11-01 --until 2026-12-01
  ampmeter reconcile -o json > agreed.json; \\
      ampmeter report --html usage.html --reconciliation agreed.json
  ampmeter report --html - --product-code example > product.html

${exitCodesHelp([0, 1, 2, 3, 5, 6, 7, 9], { 3: 'the file of --reconciliation cannot be used' })}`;
