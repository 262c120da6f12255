import { Argument, type Command, Option } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import {
  type AwsAccess,
  addTableAccess,
  awsAccess,
  type RawAwsAccess,
} from '../../cli/options/aws-access.ts';
import { addOutputFlags, type OutputFlags } from '../../cli/options/output.ts';
import { parseDuration } from '../../cli/options/time.ts';
import type { OutputFormat } from '../../render/text/members.ts';
import type { ColorFlag } from '../../render/text/style.ts';
import { addImport, type ImportOptions } from './import-options.ts';

/** What `ledger create` can print instead of calling AWS. */
const PRINTED = ['cloudformation', 'policy'] as const;

export type LedgerOptions = OutputFlags & {
  /** How to reach a table; undefined: `ledger import` has its own. */
  readonly access?: AwsAccess;
  /** As typed; undefined: the default place. */
  readonly ledger: string | undefined;
  readonly what:
    | { readonly action: 'info' | 'verify' }
    | { readonly action: 'create'; readonly print: (typeof PRINTED)[number] | undefined }
    | { readonly action: 'backup'; readonly target: string }
    | { readonly action: 'copy'; readonly from: string; readonly to: string; readonly waitMs: number }
    | {
        readonly action: 'prune';
        /** As typed. */
        readonly before: string;
        readonly dryRun: boolean;
        readonly waitMs: number;
      }
    | ({ readonly action: 'import' } & ImportOptions);
};

type Raw = RawAwsAccess & {
  output: OutputFormat;
  color: ColorFlag;
  debug?: boolean;
  ledger?: string;
};

const shared = ({ output, color, debug, ledger, ...raw }: Raw) => ({
  output,
  color,
  debug: debug ?? false,
  ledger,
  access: awsAccess(raw),
});

/** `ledger info`, `verify`, `backup`, `prune`, `copy`, `create` and `import`. */
export const addLedger = (program: Command, run: (options: LedgerOptions) => Promise<void>): Command => {
  const ledger = program
    .command('ledger')
    .summary('inspect, verify, back up, prune, copy, create and import ledgers')
    .description(
      'Inspects, verifies, backs up, prunes and copies the ledger, which records what was billed: a file, or a table of ' +
        'DynamoDB. Imports what AWS has. Safe during an upload. For the differences between the two: ampmeter help tables.',
    )
    .addHelpText('after', HELP);
  const add = (name: string, summary: string, description: string): Command =>
    ledger.command(name).summary(summary).description(description);
  const addReaching = (command: Command): Command => addOutputFlags(addTableAccess(command));
  const addPlace = (command: Command): Command =>
    command
      .optionsGroup('Ledger:')
      .option(
        '--ledger <file>',
        'the ledger, a file or dynamodb://TABLE (default: $AMPMETER_LEDGER, or the state folder)',
      );

  addReaching(
    addPlace(
      add(
        'info',
        'show what is in the ledger',
        'Shows the number of records and runs, the hours they cover, and the destinations. A table is read completely.',
      ),
    ),
  )
    .addHelpText(
      'after',
      examples('info', 'info -o json', 'info --ledger ledger-backup.db') +
        exitCodesHelp([0, 1, 2, 6, 9, 130]),
    )
    .action((raw: Raw) => run({ ...shared(raw), what: { action: 'info' } }));
  addReaching(
    addPlace(
      add(
        'verify',
        'check every page and every record',
        'Checks for damage on the disk, and for data that no run of ampmeter would have written. A table is read completely.',
      ),
    ),
  )
    .addHelpText(
      'after',
      examples('verify', 'verify -o json', 'verify --ledger ledger-backup.db') +
        exitCodesHelp([0, 1, 2, 6, 9, 130], { 9: 'the ledger has problems' }),
    )
    .action((raw: Raw) => run({ ...shared(raw), what: { action: 'verify' } }));
  addReaching(
    addPlace(
      add(
        'backup',
        'write a copy',
        'Writes a complete copy to a new file, even during an upload. The copy of a file is consistent; each record of a ' +
          'table is as it was when it was read.',
      ).argument('<file>', 'file for the copy; must not exist yet'),
    ),
  )
    .addHelpText(
      'after',
      examples(
        'backup ledger-backup.db',
        'backup "ledger-$(date +%F).db"',
        'backup copy.db && ampmeter ledger verify --ledger copy.db',
      ) + exitCodesHelp([0, 1, 2, 6, 9, 130]),
    )
    .action((target: string, raw: Raw) => run({ ...shared(raw), what: { action: 'backup', target } }));
  addReaching(
    addPlace(
      add(
        'prune',
        'delete old records',
        'Deletes the settled records of the hours before a time. Unsettled records, and hours that AWS still accepts, are ' +
          'kept. CloudTrail keeps its own record for 90 days: run reconcile first.',
      ),
    )
      .requiredOption('--before <when>', 'delete the hours before this time: 2026-10-01, an ISO time, -90d')
      .option('--dry-run', 'show what would be deleted, and delete nothing')
      .option(
        '--wait <time>',
        'how long to wait for another run to finish, for example 10m; a table needs no waiting',
        parseDuration,
      ),
  )
    .addHelpText(
      'after',
      examples(
        'prune --before -90d --dry-run',
        'prune --before 2026-01-01T00:00Z',
        'prune --before -90d --wait 10m -o json',
      ) + exitCodesHelp([0, 1, 2, 6, 8, 9, 130]),
    )
    .action((raw: Raw & { before: string; dryRun?: boolean; wait?: number }) =>
      run({
        ...shared(raw),
        what: {
          action: 'prune',
          before: raw.before,
          dryRun: raw.dryRun ?? false,
          waitMs: raw.wait ?? 0,
        },
      }),
    );
  addReaching(
    add(
      'copy',
      'move between a file and a table',
      'Copies everything from one ledger to another, then compares both. What is there already is kept, and nothing ' +
        'different is ever replaced, so an interrupted copy is continued by the same command. Until it is complete, no run ' +
        'can use the new ledger.',
    )
      .addArgument(new Argument('<from>', 'the ledger to read: a file, or dynamodb://TABLE'))
      .addArgument(new Argument('<to>', 'the ledger to write: a file, or dynamodb://TABLE'))
      .optionsGroup('Ledger:')
      .option(
        '--wait <time>',
        'how long to wait for a run that uses the file, for example 10m',
        parseDuration,
      ),
  )
    .addHelpText(
      'after',
      examples(
        'copy ledger.db dynamodb://ampmeter',
        'copy dynamodb://ampmeter ledger.db',
        'copy ledger.db dynamodb://ampmeter --wait 10m -o json',
      ) + exitCodesHelp([0, 1, 2, 6, 8, 9, 130]),
    )
    .action((from: string, to: string, raw: Raw & { wait?: number }) =>
      run({ ...shared(raw), what: { action: 'copy', from, to, waitMs: raw.wait ?? 0 } }),
    );
  addReaching(
    addPlace(
      add(
        'create',
        'create the table of a ledger',
        'Creates a table of DynamoDB with on-demand capacity, point-in-time recovery and deletion protection, and waits ' +
          'until it can be used. A table that exists is completed. Files need no creating: the first batch does it.',
      ),
    ).addOption(
      new Option(
        '--print <what>',
        'print a CloudFormation template or the IAM policies instead; AWS is not called',
      ).choices(PRINTED),
    ),
  )
    .addHelpText(
      'after',
      examples(
        'create --ledger dynamodb://ampmeter',
        'create --ledger dynamodb://ampmeter --print cloudformation',
        'create --ledger dynamodb://ampmeter --print policy',
      ) + exitCodesHelp([0, 1, 2, 6, 9, 130]),
    )
    .action((raw: Raw & { print?: (typeof PRINTED)[number] }) =>
      run({ ...shared(raw), what: { action: 'create', print: raw.print } }),
    );
  addImport(ledger, (flags, what) => run({ ...flags, what: { action: 'import', ...what } }));
  return ledger;
};

const HELP = `
Examples:
  ampmeter ledger info
  ampmeter ledger verify && ampmeter ledger backup ledger-backup.db
  ampmeter ledger prune --before -90d --dry-run
  ampmeter ledger import --dry-run

${exitCodesHelp([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130])}`;

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map(line => `  ampmeter ledger ${line}\n`).join('')}\n`;
