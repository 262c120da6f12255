import type { Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addConnectionFlags, serviceFlags } from '../../cli/options/connection.ts';
import { addOutputFlags } from '../../cli/options/output.ts';
import { parseDuration } from '../../cli/options/time.ts';
import { collect } from '../../cli/options/values.ts';
import type { TrailFlags } from '../../cli/trail/flags.ts';

/** The flags as typed; `runReconcile` interprets them. */
export type ReconcileOptions = TrailFlags & {
  /** Undefined: a day, or back to the oldest unknown record. */
  readonly since: string | undefined;
  readonly until: string;
  /** Usage files to compare in place of the ledger; empty: the ledger. */
  readonly usage: readonly string[];
  readonly settle: boolean;
  /** List agreeing records too, and all rows of a table. */
  readonly all: boolean;
  readonly ledger: string | undefined;
  readonly waitMs: number;
};

export const addReconcile = (program: Command, run: (options: ReconcileOptions) => Promise<void>): Command =>
  addOutputFlags(
    addConnectionFlags(
      program
        .command('reconcile')
        .summary('compare the ledger with what AWS recorded')
        .description(
          'Compares each record of the ledger with the BatchMeterUsage events of CloudTrail: those of the ' +
            "seller's account in one Region, or those in files. Writes to the ledger only with --settle.",
        )
        .optionsGroup('Comparison:')
        .option(
          '--since <when>',
          'compare usage from this hour: a date, a time, -24h, -7d (default: -24h, or the oldest unknown record)',
        )
        .option('--until <when>', 'compare usage before this time', 'now')
        .option(
          '--cloudtrail <path...>',
          'read event files or folders instead of calling CloudTrail; - for standard input',
          collectPaths,
        )
        .option(
          '--usage <file...>',
          'compare these usage files instead of the ledger: did AWS get what they report?',
          collectPaths,
        ),
      '2m',
    )
      .optionsGroup('Ledger:')
      .option(
        '--ledger <file>',
        'what records what was billed: a file, or dynamodb://TABLE (default: $AMPMETER_LEDGER, or the state folder)',
      )
      .option('--settle', 'write what CloudTrail shows about unknown records to the ledger')
      .option(
        '--wait <time>',
        'with --settle, how long to wait for another run to finish, for example 10m',
        parseDuration,
      ),
    ['csv'],
  )
    .optionsGroup('Output:')
    .option('--all', 'list agreeing records too, and every row of a table')
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        ...serviceFlags(raw),
        output: raw.output,
        since: raw.since,
        until: raw.until,
        cloudTrail: raw.cloudtrail ?? [],
        usage: raw.usage ?? [],
        settle: raw.settle ?? false,
        all: raw.all ?? false,
        ledger: raw.ledger,
        waitMs: raw.wait ?? 0,
      }),
    );

const collectPaths = (path: string, previous?: readonly string[]): readonly string[] =>
  collect(path, previous);

const HELP = `
Differences:
  ledger-only         AWS replied, and CloudTrail does not show the record
  cloudtrail-only     CloudTrail shows a record that is not in the ledger, with
                      its sender
  different-quantity  AWS has a different quantity from the ledger's
  different-status    accepted only in the ledger, or only in CloudTrail
  different-id        accepted, with another metering record id
  billed-twice        with a license and a product code, in two Regions, or with
                      two quantities
  different-allocations
                      the quantity agrees, and CloudTrail shows it split
                      differently by tags
Not certain yet:
  pending             younger than 15 minutes, the time CloudTrail may take
  unsettled           unknown in the ledger, because a reply was lost; --settle
                      writes what CloudTrail shows. A record that CloudTrail
                      does not show stays unknown, because it may still be
                      billed: batch sends it again unchanged while its window is
                      open
  unproven            its event does not show the reply, or was truncated by
                      CloudTrail, which omits parts that are too large; also for
                      a record that is not in the ledger
Not judged: events that may contain unseen records of this time. CloudTrail
truncated them, or they cannot be read. In a folder, also files without the
ending of an event file. All are counted and listed.

Compares quantities, statuses and ids, and usage allocations where an event
shows them. CloudTrail is called in the selected Region (as with aws cloudtrail
lookup-events) and keeps 90 days. For more, or for all Regions, use files or
folders of them: the files of a trail as delivered to S3, results of CloudTrail
Lake with the column eventJson, Athena's SELECT * over the table of a trail, log
lines of CloudWatch Logs, or events of EventBridge, plain or gzip. The role
needs cloudtrail:LookupEvents.

With --usage, the files of batch or of another tool are compared, and no ledger
is needed: ledger-only is then in the files only. Without --since, the hours of
the files are compared.

Examples:
  ampmeter reconcile
  ampmeter reconcile --since -7d -o json
  ampmeter reconcile --since 2026-11-01 --until 2026-12-01 \\
      --cloudtrail s3-copy/AWSLogs
  ampmeter reconcile --settle
  ampmeter reconcile --usage usage.csv
  aws cloudtrail lookup-events --output json | ampmeter reconcile --cloudtrail -

${exitCodesHelp([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130], {
  0: 'the ledger and CloudTrail agree on every record',
  3: 'an event file cannot be read',
  4: 'there are differences',
  5: 'no differences, but some records are pending, unsettled or unproven, or\n       some events are not judged',
})}`;
