import type { Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addConnectionFlags, type ServiceFlags, serviceFlags } from '../../cli/options/connection.ts';
import { addOutputFlags, type OutputFlags } from '../../cli/options/output.ts';
import { parseDuration } from '../../cli/options/time.ts';
import { collect } from '../../cli/options/values.ts';

/** The flags of `ledger import` that the other ledger commands do not have. */
export type ImportOptions = Omit<ServiceFlags, keyof OutputFlags> & {
  /** As typed; undefined: as far back as the events go. */
  readonly since: string | undefined;
  readonly until: string;
  /** Files and folders; empty: LookupEvents. */
  readonly cloudTrail: readonly string[];
  readonly dryRun: boolean;
  readonly waitMs: number;
};

type Shared = OutputFlags & { readonly ledger: string | undefined };

export const addImport = (
  ledger: Command,
  run: (shared: Shared, options: ImportOptions) => Promise<void>,
): Command =>
  addOutputFlags(
    addConnectionFlags(
      ledger
        .command('import')
        .summary('add what AWS has to the ledger')
        .description(
          'Adds each record of the BatchMeterUsage events of CloudTrail that the ledger does not have, whoever sent it. Use it ' +
            'before the first batch if usage was billed with another tool, and after the ledger was lost.',
        )
        .optionsGroup('Events:')
        .option(
          '--cloudtrail <path...>',
          'read event files or folders instead of calling CloudTrail; - for standard input',
          (path: string, previous?: readonly string[]) => collect(path, previous),
        )
        .option(
          '--since <when>',
          'add usage from this hour: a date, a time, -24h, -7d (default: all events, or the 90 days that CloudTrail keeps)',
        )
        .option('--until <when>', 'add usage before this time', 'now')
        .optionsGroup('Ledger:')
        .option(
          '--ledger <file>',
          'the ledger, a file or dynamodb://TABLE (default: $AMPMETER_LEDGER, or the state folder)',
        )
        .option('--dry-run', 'show what would be added, and add nothing')
        .option(
          '--wait <time>',
          'how long to wait for another run to finish, for example 10m',
          parseDuration,
        ),
      '2m',
    ),
  )
    .addHelpText('after', HELP)
    .action(raw => {
      const { output, color, debug, ...service } = serviceFlags(raw);
      return run(
        { output, color, debug, ledger: raw.ledger },
        {
          ...service,
          since: raw.since,
          until: raw.until,
          cloudTrail: raw.cloudtrail ?? [],
          dryRun: raw.dryRun ?? false,
          waitMs: raw.wait ?? 0,
        },
      );
    });

const HELP = `
Each record has the status of AWS's reply, its id, the time of the call, and who
sent it (history -o json: sentBy). A record that the ledger has already is not
changed, except an unknown one: it gets the result that CloudTrail shows, as
with reconcile --settle. Running it again adds only what is new; after an
interruption, run it again. Then batch finds a record with the same quantity
already-recorded, and one with another quantity a conflict. Fractions that the
other tool kept back are not in CloudTrail: --round carry starts with what was
sent.

Where the events contradict the ledger, nothing is changed and the difference is
listed. Explain a result with ampmeter explain, for example different-quantity.
CloudTrail shows a record about 15 minutes after it was sent. Which files can be
read: see ampmeter reconcile --help. The role needs cloudtrail:LookupEvents.

Examples:
  ampmeter ledger import --dry-run
  ampmeter ledger import
  ampmeter ledger import --since -7d -o json
  ampmeter ledger import --cloudtrail s3-copy/AWSLogs

${exitCodesHelp([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130], {
  0: 'the ledger has every record that the events show',
  3: 'an event file cannot be read',
  4: 'the events contradict the ledger, or show usage that is billed twice',
  5: 'some events do not show all their records, or no clear reply to them',
})}`;
