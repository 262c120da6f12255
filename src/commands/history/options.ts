import { type Command, InvalidArgumentError, Option } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { parseInteger } from '../../cli/options/numbers.ts';
import { addOutputFlags, type OutputFlags } from '../../cli/options/output.ts';
import { addSelectionFlags, type SelectionFlags, selectionFlags } from '../../cli/options/selection.ts';
import type { GroupBy } from '../../ledger/queries/totals.ts';
import { STATUSES, type Status } from '../../usage/outcome.ts';

export type HistoryFormat = OutputFlags['output'] | 'csv';

/** As typed; what the words mean is found out by `runHistory`. */
export type HistoryOptions = Omit<OutputFlags, 'output'> &
  SelectionFlags & {
    readonly output: HistoryFormat;
    /** Undefined: all. */
    readonly statuses: readonly Status[] | undefined;
    readonly run: number | undefined;
    /** Undefined: each record. */
    readonly by: GroupBy | undefined;
    readonly runs: boolean;
  };

export const addHistory = (program: Command, run: (options: HistoryOptions) => Promise<void>): Command =>
  addOutputFlags(
    addSelectionFlags(
      program
        .command('history')
        .summary('tell what the ledger has: records, sums, runs')
        .description(
          'Tells what was sent and what became of it, from the ledger alone; nothing is called. An upload may go on ' +
            'meanwhile: what is told is of one instant.',
        )
        .optionsGroup('What is shown:')
        .addOption(
          new Option('--by <what>', 'add up; quantities of unlike dimensions never').choices([
            'hour',
            'day',
            'customer',
            'dimension',
            'product',
          ]),
        )
        .option('--runs', 'list runs instead of records'),
      { since: 'the first', until: 'none' },
    )
      .optionsGroup('Which records:')
      .option('--status <status>', `what became of it; repeatable, or a list with commas`, collectStatuses)
      .option('--run <number>', 'of this run', parseInteger(1, 2 ** 31 - 1)),
    ['csv'],
  )
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        ...selectionFlags(raw),
        output: raw.output,
        color: raw.color,
        debug: raw.debug ?? false,
        statuses: raw.status,
        run: raw.run,
        by: raw.by,
        runs: raw.runs ?? false,
      }),
    );

const HELP = `
Without --by or --runs each record is told, in a table the newest 100; -o jsonl and -o csv have all.
A record is selected when a part of its hour lies in the range. Days are of UTC. --run selects what a run
planned last; with --runs the range is of the time at which runs began.
Statuses: ${STATUSES.slice(0, 6).join(', ')},
  ${STATUSES.slice(6).join(', ')}

Examples:
  ampmeter history --since -24h
  ampmeter history --by day --since 2026-11-01 --until 2026-12-01
  ampmeter history --by customer --status refused,not-subscribed
  ampmeter history --customer 111122223333 -o csv
  ampmeter history --runs
  ampmeter history --by hour --endpoint-url http://127.0.0.1:4100

${exitCodesHelp([0, 1, 2, 9])}`;

const collectStatuses = (text: string, previous: readonly Status[] = []): readonly Status[] => {
  const named = text.split(',').map(name => {
    const status = STATUSES.find(known => known === name.trim());
    if (status === undefined) throw new InvalidArgumentError(`Allowed choices are ${STATUSES.join(', ')}.`);
    return status;
  });
  return [...new Set([...previous, ...named])];
};
