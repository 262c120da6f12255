import type { Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addOutputFlags, type OutputFlags } from '../../cli/options/output.ts';
import { addSelectionFlags, type SelectionFlags, selectionFlags } from '../../cli/options/selection.ts';

/** As typed. */
export type ReportOptions = OutputFlags &
  SelectionFlags & {
    /** A file, or `-` for standard output. */
    readonly html: string;
    /** A document that `reconcile -o json` has printed. */
    readonly reconciliation: string | undefined;
    readonly force: boolean;
  };

export const addReport = (program: Command, run: (options: ReportOptions) => Promise<void>): Command =>
  addOutputFlags(
    addSelectionFlags(
      program
        .command('report')
        .summary('draw what the ledger has: a page for people who would rather look')
        .description(
          'Writes one HTML page that needs no network and no script: usage over time, customers by hour with gaps ' +
            'and refusals, outcomes, top customers. Figures are those of history; long ranges are combined into days. ' +
            'The endpoint is only asked what time it is, without credentials.',
        )
        .optionsGroup('Report:')
        .requiredOption('--html <file>', 'where the page goes; - for standard output')
        .option(
          '--reconciliation <file>',
          'show this result of reconcile -o json as well; - for standard input',
        )
        .option('--force', 'write over a file that is no report'),
      { since: 'the first', until: 'none' },
    ),
  )
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        ...selectionFlags(raw),
        output: raw.output,
        color: raw.color,
        debug: raw.debug ?? false,
        html: raw.html,
        reconciliation: raw.reconciliation,
        force: raw.force ?? false,
      }),
    );

const HELP = `
The page names customers: only you can read the file (mode 0600). An older report in its place is written over.

Examples:
  ampmeter report --html usage.html --since -7d
  ampmeter report --html november.html --since 2026-11-01 --until 2026-12-01
  ampmeter reconcile -o json > agreed.json; ampmeter report --html usage.html --reconciliation agreed.json
  ampmeter report --html - --product-code 4ml54db8vrmjuykaw1psroool > product.html

${exitCodesHelp([0, 1, 2, 3, 9], { 3: 'the document of --reconciliation cannot be used' })}`;
