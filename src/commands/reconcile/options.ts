import type { Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addConnectionFlags, type ServiceFlags, serviceFlags } from '../../cli/options/connection.ts';
import { addOutputFlags, type OutputFlags } from '../../cli/options/output.ts';
import { parseDuration } from '../../cli/options/time.ts';
import { collect } from '../../cli/options/values.ts';

export type ReconcileFormat = OutputFlags['output'] | 'csv';

/** As typed; what the words mean is found out by `runReconcile`. */
export type ReconcileOptions = Omit<ServiceFlags, 'output'> & {
  readonly output: ReconcileFormat;
  /** Undefined: a day, and as far back as the oldest record whose fate is unknown. */
  readonly since: string | undefined;
  readonly until: string;
  /** Files and folders; empty: LookupEvents is asked. */
  readonly cloudTrail: readonly string[];
  readonly settle: boolean;
  /** What agrees is listed as well, and a table is not cut. */
  readonly all: boolean;
  readonly ledger: string | undefined;
  readonly waitMs: number;
};

export const addReconcile = (program: Command, run: (options: ReconcileOptions) => Promise<void>): Command =>
  addOutputFlags(
    addConnectionFlags(
      program
        .command('reconcile')
        .summary('compare the ledger with what AWS says it recorded')
        .description(
          'Compares the ledger, record for record, with the BatchMeterUsage events of CloudTrail: those of the ' +
            "seller's account in one Region, or those in files. Nothing is written unless --settle is said.",
        )
        .optionsGroup('What is compared:')
        .option(
          '--since <when>',
          'usage from this hour on: a date, a time, -24h, -7d (default: -24h, or the oldest unknown record)',
        )
        .option('--until <when>', 'usage before this time', 'now')
        .option(
          '--cloudtrail <path...>',
          'event files or folders instead of asking CloudTrail; - for standard input',
          collectPaths,
        ),
      '2m',
    )
      .optionsGroup('Ledger:')
      .option(
        '--ledger <file>',
        'the file that remembers what was billed (default: $AMPMETER_LEDGER, or the state folder)',
      )
      .option('--settle', 'write down what CloudTrail shows of records whose answer was lost')
      .option('--wait <time>', 'with --settle, wait so long for a run to finish, such as 10m', parseDuration),
    ['csv'],
  )
    .optionsGroup('Output:')
    .option('--all', 'list what agrees as well, and every row of a table')
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        ...serviceFlags(raw),
        output: raw.output,
        since: raw.since,
        until: raw.until,
        cloudTrail: raw.cloudtrail ?? [],
        settle: raw.settle ?? false,
        all: raw.all ?? false,
        ledger: raw.ledger,
        waitMs: raw.wait ?? 0,
      }),
    );

/** The flags as other commands have them. */
export const serviceOf = (options: ReconcileOptions) => ({
  ...options,
  output: options.output === 'csv' ? ('table' as const) : options.output,
});

const collectPaths = (path: string, previous?: readonly string[]): readonly string[] =>
  collect(path, previous);

const HELP = `
Differences:
  ledger-only         AWS answered, and CloudTrail shows nothing of it
  cloudtrail-only     CloudTrail shows a record that is not in the ledger; who sent it is named
  different-quantity  AWS has another quantity than the ledger
  different-status    accepted here and not there, or the other way round
  different-id        accepted, with other metering record ids
  billed-twice        by a license and by a product code, in two Regions, or with two quantities
No differences, but not certain yet:
  pending             younger than 15 minutes, the time CloudTrail may take
  unsettled           the ledger does not know, because an answer was lost; --settle writes down what
                      CloudTrail shows. A record that CloudTrail does not show stays as it is, because
                      it may be billed all the same: batch sends it again unchanged while it can
  unproven            its event was cut by CloudTrail, which leaves out what is too large, or does not
                      show the answer; also of a record that is not in the ledger
Not judged: what may have records of this time that nobody has seen. Events that CloudTrail has cut or that
cannot be read, and, in a folder, files that do not end as event files do. They are counted and named.

Quantities, statuses and ids are compared, usage allocations are not. CloudTrail is asked in the Region that
is called (aws cloudtrail lookup-events); it keeps 90 days. For more, or for all Regions, name the files
of a trail: .json, .jsonl and .json.gz as exported or as delivered to S3, and folders of them.
The role needs cloudtrail:LookupEvents.

Examples:
  ampmeter reconcile
  ampmeter reconcile --since -7d -o json
  ampmeter reconcile --since 2026-11-01 --until 2026-12-01 --cloudtrail s3-copy/AWSLogs
  ampmeter reconcile --settle
  aws cloudtrail lookup-events --output json | ampmeter reconcile --cloudtrail -

${exitCodesHelp([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130], {
  0: 'the ledger and CloudTrail agree on every record',
  3: 'a file of events cannot be read',
  4: 'there are differences',
  5: 'no differences, but some records are pending, unsettled or unproven, or some events are not judged',
})}`;
