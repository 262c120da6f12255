import { type Command, Option } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addOutputFlags, type OutputFlags } from '../../cli/options/output.ts';
import { addSelectionFlags, type SelectionFlags, selectionFlags } from '../../cli/options/selection.ts';
import { parseLookback } from '../../cli/options/time.ts';
import { parseDelimiter } from '../batch/options.ts';

/** As typed; what the words mean is found out by `runGaps`. */
export type GapsOptions = OutputFlags &
  SelectionFlags & {
    readonly subscribers: string | undefined;
    readonly delimiter: string | undefined;
    readonly allowRoundAccounts: boolean;
    readonly allowNullText: boolean;
    /** How long a customer is one without a new record. */
    readonly lookbackMs: number;
    readonly zeroFill: string | undefined;
    readonly force: boolean;
  };

export const addGaps = (program: Command, run: (options: GapsOptions) => Promise<void>): Command =>
  addOutputFlags(
    addSelectionFlags(
      program
        .command('gaps')
        .summary('list the hours that lack a record, and how long they can still be billed')
        .description(
          'AWS recommends a record for each customer every hour, 0 included, and tells nobody which is missing. This ' +
            'lists the hours of each customer and dimension that the ledger has no billed record of. The endpoint is ' +
            'only asked what time it is, without credentials.',
        )
        .optionsGroup('Who is to be billed:')
        .option('--subscribers <file>', 'a CSV file that says it; - for standard input (default: the ledger)')
        .option('--delimiter <character>', "what separates its cells: a character or 'tab'", parseDelimiter)
        .option('--allow-round-accounts', 'take account ids in it that end in six zeros or more')
        .option('--allow-null-text', 'accept NULL, None, NaN and the like in it as names')
        .addOption(
          new Option(
            '--lookback <time>',
            'from the ledger: who had a record so long before --since, or later',
          )
            .argParser(parseLookback)
            .default(parseLookback('7d'), '7d'),
        ),
      { since: '-24h', until: 'the last whole hour' },
    )
      .optionsGroup('Filling gaps:')
      .option('--zero-fill <file>', 'write rows of quantity 0 to submit with batch; - for standard output')
      .option('--force', 'write over that file'),
  )
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        ...selectionFlags(raw),
        output: raw.output,
        color: raw.color,
        debug: raw.debug ?? false,
        subscribers: raw.subscribers,
        delimiter: raw.delimiter,
        allowRoundAccounts: raw.allowRoundAccounts ?? false,
        allowNullText: raw.allowNullText ?? false,
        lookbackMs: raw.lookback,
        zeroFill: raw.zeroFill,
        force: raw.force ?? false,
      }),
    );

const HELP = `
Which hours are looked at: those that lie whole between --since and --until, and are over. --since is moved
to the start of its hour. To give an upload an hour of time before its hours count: --until -1h.

Who is to be billed each hour:
  from the ledger   every customer and dimension with a record in the range or up to --lookback before it,
                    from its first record on; no longer once AWS answers not-subscribed and nothing later
                    is billed. Records that AWS refused do not count.
  --subscribers     a CSV file with the columns
                      customer_aws_account_id or customer_identifier
                      product_code, or license_arn
                      dimension, or dimensions parted by ;
                      from, until   optional: a date (UTC), or a time with its zone; until is the first
                                    moment that is no longer subscribed

What is a gap: an hour without a record that is accepted, already-recorded or duplicate, in whatever Region.
Records that are unknown may be billed: they are named, and are no gaps; run the upload again to settle them.
A license and a product code of one account, dimension and product stand for each other: AWS bills both.

--zero-fill leaves out hours with a quantity in the ledger that was not billed: it would be lost. A 0 closes
its hour for good: AWS accepts no other quantity for it. Where there is nothing to fill, the file has a header
only, with a column nothing_to_fill; batch accepts that as empty, and no other file without rows.

Examples:
  ampmeter gaps
  ampmeter gaps --until -1h -o json
  ampmeter gaps --subscribers subscribers.csv --since 2026-11-01
  ampmeter gaps --zero-fill zeros.csv
  ampmeter batch zeros.csv

${exitCodesHelp([0, 1, 2, 3, 4, 9], {
  0: 'no gaps',
  3: 'the list of subscribers is invalid',
  4: 'there are gaps; the summary says how many can still be billed',
})}`;
