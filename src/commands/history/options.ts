import { type Command, InvalidArgumentError, Option } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { type AwsAccess, addAgreementAccess, awsAccess } from '../../cli/options/aws-access.ts';
import { addOutputFlags, type OutputFlags, outputFlags } from '../../cli/options/output.ts';
import { addSelectionFlags, type SelectionFlags, selectionFlags } from '../../cli/options/selection.ts';
import { parseInteger } from '../../cli/options/values.ts';
import type { GroupBy } from '../../ledger/queries/totals.ts';
import { STATUSES, type Status } from '../../usage/outcome.ts';

type HistoryFormat = OutputFlags['output'] | 'csv';

/** As typed; `runHistory` interprets the values. */
export type HistoryOptions = Omit<OutputFlags, 'output'> &
  SelectionFlags &
  AwsAccess & {
    readonly output: HistoryFormat;
    /** Show what billed records are worth, by the agreements that AWS lists. */
    readonly value: boolean;
    /** Undefined: all. */
    readonly statuses: readonly Status[] | undefined;
    readonly run: number | undefined;
    /** Undefined: no groups, each record. */
    readonly by: GroupBy | undefined;
    readonly runs: boolean;
  };

export const addHistory = (program: Command, run: (options: HistoryOptions) => Promise<void>): Command =>
  addOutputFlags(
    addAgreementAccess(
      addSelectionFlags(
        program
          .command('history')
          .summary('show records, totals and runs from the ledger')
          .description(
            'Shows what was sent and the outcome of each record, from the ledger alone: without --value, AWS Marketplace is not ' +
              'asked. An upload may be running; of a file, the result is a consistent snapshot.',
          )
          .optionsGroup('What to show:')
          .addOption(
            new Option('--by <what>', 'show totals; different dimensions are never added together').choices([
              'hour',
              'day',
              'customer',
              'dimension',
              'product',
            ]),
          )
          .option('--runs', 'list runs instead of records')
          .option('--value', 'show an estimate in money, by the prices of the agreements that AWS lists'),
        { since: 'the first', until: 'none' },
      ),
      '--value',
    )
      .optionsGroup('Which records:')
      .option('--status <status>', 'with this outcome; repeatable, or separated by commas', collectStatuses)
      .option('--run <number>', 'planned by this run', parseInteger(1, Number.MAX_SAFE_INTEGER)),
    ['csv'],
  )
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        ...selectionFlags(raw),
        ...outputFlags(raw),
        ...awsAccess(raw),
        value: raw.value ?? false,
        statuses: raw.status,
        run: raw.run,
        by: raw.by,
        runs: raw.runs ?? false,
      }),
    );

const HELP = `
Without --by or --runs, each record is listed. The table has the newest 100;
-o jsonl and -o csv list all. A record is selected when part of its hour is in
the range. Days are UTC days. --run selects the records that this run was the
last to plan. With --runs, the range applies to the start of each run.
Statuses: ${STATUSES.slice(0, 5).join(', ')},
  ${STATUSES.slice(5).join(', ')}

--value adds the price of each buyer's agreement × the billed quantity. It is an
estimate: it leaves out taxes, fees, free trials, included units and later price
changes. Currencies are never added together. In CSV, a total in several
currencies has its amounts and its currencies in the same order, with ; between.

Examples:
  ampmeter history --since -24h
  ampmeter history --by day --since 2026-11-01 --until 2026-12-01
  ampmeter history --by customer --status refused,not-subscribed
  ampmeter history --customer 111122223333 -o csv
  ampmeter history --runs
  ampmeter history --by customer --since -7d --value
  ampmeter history --by hour --endpoint-url http://127.0.0.1:4100

${exitCodesHelp([0, 1, 2, 5, 6, 7, 9])}`;

const collectStatuses = (text: string, previous: readonly Status[] = []): readonly Status[] => {
  const named = text.split(',').map(name => {
    const status = STATUSES.find(known => known === name.trim());
    if (status === undefined) throw new InvalidArgumentError(`Allowed choices are ${STATUSES.join(', ')}.`);
    return status;
  });
  return [...new Set([...previous, ...named])];
};
