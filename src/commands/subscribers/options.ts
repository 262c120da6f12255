import { type Command, Option } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addConnectionFlags, type ServiceFlags, serviceFlags } from '../../cli/options/connection.ts';
import { addOutputFlags, type OutputFlags } from '../../cli/options/output.ts';
import { parseLookback } from '../../cli/options/time.ts';
import { parseDelimiter } from '../../cli/options/values.ts';
import type { SubscriberListFlags } from '../../cli/subscriber-list.ts';

type SubscribersFormat = OutputFlags['output'] | 'csv';

/** As typed; `runSubscribers` interprets the values. */
export type SubscribersOptions = Omit<ServiceFlags, 'output'> &
  SubscriberListFlags & {
    readonly output: SubscribersFormat;
    readonly product: string | undefined;
    readonly since: string | undefined;
    readonly until: string | undefined;
    readonly endedSinceMs: number | undefined;
    /** Undefined: the usual one, if it exists. False: none. */
    readonly ledger: string | false | undefined;
    /** How long a customer of the ledger remains one without a new record. */
    readonly lookbackMs: number;
  };

export const addSubscribers = (
  program: Command,
  run: (options: SubscribersOptions) => Promise<void>,
): Command =>
  addOutputFlags(
    addConnectionFlags(
      program
        .command('subscribers')
        .summary('list who is to be billed, from the agreements at AWS, the ledger and a file')
        .description(
          'Lists the buyers of your SaaS products with license and dimensions: those of the agreements that AWS ' +
            'lists for this account, those of the ledger, and those of a file. Changes nothing.',
        )
        .optionsGroup('Which subscribers:')
        .option('--product <code>', 'only buyers of the product with this product code')
        .option(
          '--since <when>',
          'subscribed at this time or later: 2026-11-22, an ISO time, -7d (default: -1h)',
        )
        .option('--until <when>', 'subscribed at this time or before (default: now)')
        .option(
          '--ended-since <time>',
          'only buyers whose agreement ended this long ago or later, for example 1h',
          parseLookback,
        )
        .optionsGroup('A list of your own:')
        .option('--subscribers <file>', 'add the subscribers of a CSV file; - for standard input')
        .option('--delimiter <character>', "the delimiter of that file: a character or 'tab'", parseDelimiter)
        .option('--allow-round-accounts', 'accept account ids in it that end in six zeros or more')
        .option('--allow-null-text', 'accept NULL, None, NaN and the like in it as names')
        .optionsGroup('Ledger:')
        .option(
          '--ledger <file>',
          'the ledger: a file, or dynamodb://TABLE (default: $AMPMETER_LEDGER, or the state folder)',
        )
        .option('--no-ledger', 'do not read the ledger')
        .addOption(
          new Option(
            '--lookback <time>',
            'include customers of the ledger with a record this long before --since',
          )
            .argParser(parseLookback)
            .default(parseLookback('7d'), '7d'),
        ),
      '1m',
    ).option('--local', 'call a private emulator on this machine, with a sample market and no ledger'),
    ['csv'],
  )
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        ...serviceFlags(raw),
        output: raw.output,
        product: raw.product,
        since: raw.since,
        until: raw.until,
        endedSinceMs: raw.endedSince,
        ledger: raw.ledger === true ? undefined : raw.ledger,
        lookbackMs: raw.lookback,
        subscribers: raw.subscribers,
        delimiter: raw.delimiter,
        allowRoundAccounts: raw.allowRoundAccounts ?? false,
        allowNullText: raw.allowNullText ?? false,
      }),
    );

const HELP = `
Sources:
  agreement   SearchAgreements lists the agreements in which this account is the
              proposer. Buyers through a channel partner are not among them:
              keep those in a file. How soon AWS shows a cancellation is not
              documented.
  ledger      customers and dimensions with a record in the range or up to
              --lookback before it, from the first of these records on. Not used
              with --local.
  file        --subscribers, with the columns that ampmeter gaps --help lists.
              Where there is an agreement, its dates and dimensions count.

Agreements and products are the same in every Region: AWS is asked in us-east-1,
and --region selects records of the ledger only. Dimensions are those that the
buyer's own offer bills by usage. Agreements of one offer have the same terms,
so AWS is asked once for each offer. Without --since, agreements that ended
within the last hour are listed too: usage from before the end is accepted for
one more hour.

-o csv prints one line for each dimension, as ampmeter gaps --subscribers reads
it.

Permissions: aws-marketplace:SearchAgreements, GetAgreementTerms, ListEntities
and DescribeEntity.

Examples:
  ampmeter subscribers
  ampmeter subscribers --ended-since 1h -o json
  ampmeter subscribers --since -24h -o csv > buyers.csv
  ampmeter subscribers --subscribers subscribers.csv
  ampmeter subscribers --local

${exitCodesHelp([0, 1, 2, 3, 5, 6, 7, 9, 130], {
  0: 'the list is complete, as far as AWS, the ledger and the file have it;\n       it may be empty',
  3: 'the list of subscribers is invalid',
})}`;
