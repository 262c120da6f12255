import { type Command, Option } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { type AwsAccess, addAgreementAccess, awsAccess } from '../../cli/options/aws-access.ts';
import { addOutputFlags, type OutputFlags, outputFlags } from '../../cli/options/output.ts';
import { addSelectionFlags, type SelectionFlags, selectionFlags } from '../../cli/options/selection.ts';
import { parseDuration, parseLookback } from '../../cli/options/time.ts';
import { parseDelimiter } from '../../cli/options/values.ts';
import type { SubscriberListFlags } from '../../cli/subscriber-list.ts';
import { NEAR_DEADLINE_MS } from '../../usage/told.ts';

/** As typed; `runGaps` interprets the values. */
export type GapsOptions = Omit<OutputFlags, 'output'> & {
  readonly output: OutputFlags['output'] | 'csv';
} & SelectionFlags &
  SubscriberListFlags &
  AwsAccess & {
    /** Add those of the agreements that AWS lists. */
    readonly agreements: boolean;
    /** How long a customer remains one without a new record. */
    readonly lookbackMs: number;
    readonly zeroFill: string | undefined;
    /** Fill only hours that close so soon. */
    readonly withinMs: number;
    readonly force: boolean;
  };

/** The same for its parts: besides the lines of CSV, everything is printed for people. */
export type GapsRequest = Omit<GapsOptions, 'output'> &
  Pick<OutputFlags, 'output'> & { readonly format: GapsOptions['output'] };

export const addGaps = (program: Command, run: (options: GapsOptions) => Promise<void>): Command =>
  addOutputFlags(
    addAgreementAccess(
      addSelectionFlags(
        program
          .command('gaps')
          .summary('list hours without a record, and until when they can be billed')
          .description(
            'Lists the hours of each customer and dimension without a billed record in the ledger. AWS recommends a ' +
              'record for each customer every hour, even with quantity 0, but does not report missing ones. Without ' +
              '--agreements it asks the endpoint only for the time, without credentials.',
          )
          .optionsGroup('Subscriptions:')
          .option(
            '--subscribers <file>',
            'read them from a CSV file; - for standard input (default: the ledger)',
          )
          .option('--agreements', 'add the buyers whose agreements AWS lists, also those without any record')
          .option(
            '--delimiter <character>',
            "the delimiter of that file: a character or 'tab'",
            parseDelimiter,
          )
          .option('--allow-round-accounts', 'accept account ids in it that end in six zeros or more')
          .option('--allow-null-text', 'accept NULL, None, NaN and the like in it as names')
          .addOption(
            new Option('--lookback <time>', 'include customers with a record this long before --since')
              .argParser(parseLookback)
              .default(parseLookback('7d'), '7d'),
          ),
        { since: '-24h', until: 'the current hour' },
      ),
      '--agreements',
    )
      .optionsGroup('Filling gaps:')
      .option('--zero-fill <file>', 'write rows with quantity 0 to a file for batch; - for standard output')
      .addOption(
        new Option('--within <time>', 'fill only hours whose deadline comes within this time')
          .argParser(parseDuration)
          .default(NEAR_DEADLINE_MS, '3h'),
      )
      .option('--force', 'overwrite that file'),
    ['csv'],
  )
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        ...selectionFlags(raw),
        ...outputFlags(raw),
        output: raw.output,
        agreements: raw.agreements ?? false,
        ...awsAccess(raw),
        subscribers: raw.subscribers,
        delimiter: raw.delimiter,
        allowRoundAccounts: raw.allowRoundAccounts ?? false,
        allowNullText: raw.allowNullText ?? false,
        lookbackMs: raw.lookback,
        zeroFill: raw.zeroFill,
        withinMs: raw.within,
        force: raw.force ?? false,
      }),
    );

const HELP = `
Hours: only complete hours between --since and --until that are over. --since is
moved to the start of its hour. To give an upload an hour of time before its
hours count as gaps, use --until -1h.

Subscriptions: customers and dimensions that should have a record every hour.
  from the ledger   each customer and dimension with a record in the range or up
                    to --lookback before it, from its first record on. It ends
                    when AWS replies not-subscribed and no later record is
                    billed. Records that AWS rejected do not count.
  --subscribers     a CSV file with the columns
                      customer_aws_account_id or customer_identifier
                      product_code, or license_arn
                      dimension, or dimensions separated by ;
                      from, until   optional: a date (UTC), or a time with its
                                    zone; until is the first moment without the
                                    subscription
  --agreements      those of the ledger or of the file, and everybody with an
                    agreement for a SaaS product of this account, with the hours
                    of the agreement: see ampmeter subscribers --help. Buyers
                    through a channel partner have none with this account. If
                    AWS cannot be asked, no gaps are listed. Gaps of an
                    agreement that has ended can be billed for one more hour
                    after its end. Gaps are also shown as an estimate in money:
                    the price of the buyer's agreement for the quantity that was
                    not billed, or for the customer's mean where there is no
                    record. It leaves out taxes, fees, free trials, included
                    units and later price changes. Currencies are not added
                    together.

A gap is an hour without a record that is accepted, already-recorded or
duplicate, in any Region. Records with status unknown may be billed: they are
listed, but are not gaps; run the upload again to settle them. A license and a
product code of the same account, dimension and product count as one, because
AWS would bill both.

--zero-fill fills hours whose deadline comes within three hours (--within); the
others are only listed, because their usage may still come. It leaves out hours
with a row in the ledger that is not billed (invalid, refused, conflict, unsent,
unknown), with any license or product: that usage would be lost. A quantity of 0
is final: AWS will not accept another value for that hour. If there is nothing
to fill, the file has only a header, with a column nothing_to_fill; batch
accepts it as empty, but no other file without rows.

-o csv has a line for each hour. The column type is perhapsBilled for an hour
whose record may be billed; question is the status of a row for the hour that
is not billed.

Examples:
  ampmeter gaps
  ampmeter gaps --until -1h -o json
  ampmeter gaps -o csv > gaps.csv
  ampmeter gaps --subscribers subscribers.csv --since 2026-11-01
  ampmeter gaps --agreements --since -3h
  ampmeter gaps --zero-fill zeros.csv
  ampmeter gaps --zero-fill all.csv --within 24h
  ampmeter batch zeros.csv

${exitCodesHelp([0, 1, 2, 3, 4, 5, 6, 7, 9], {
  0: 'no gaps',
  3: 'the list of subscribers is invalid',
  4: 'there are gaps; the summary shows how many can still be billed',
})}`;
