import type { Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addOutputFlags, type OutputFlags } from '../../cli/options/output.ts';
import { parseDuration } from '../../cli/options/time.ts';
import type { OutputFormat } from '../../render/text/members.ts';
import type { ColorFlag } from '../../render/text/style.ts';
import { addImport, type ImportOptions } from './import-options.ts';

export type LedgerOptions = OutputFlags & {
  /** As typed; undefined: the default place. */
  readonly ledger: string | undefined;
  readonly what:
    | { readonly action: 'info' | 'verify' }
    | { readonly action: 'backup'; readonly target: string }
    | {
        readonly action: 'prune';
        /** As typed. */
        readonly before: string;
        readonly dryRun: boolean;
        readonly waitMs: number;
      }
    | ({ readonly action: 'import' } & ImportOptions);
};

type Raw = { output: OutputFormat; color: ColorFlag; debug?: boolean; ledger?: string };

/** `ledger info`, `verify`, `backup`, `prune` and `import`. */
export const addLedger = (program: Command, run: (options: LedgerOptions) => Promise<void>): Command => {
  const ledger = program
    .command('ledger')
    .summary('inspect, verify, back up, prune and import the ledger')
    .description(
      'Inspects, verifies, backs up and prunes the file that records what was billed, and imports what AWS has. Safe during an upload.',
    )
    .addHelpText('after', HELP);
  const shared = ({ output, color, debug, ledger: path }: Raw) => ({
    output,
    color,
    debug: debug ?? false,
    ledger: path,
  });
  const add = (name: string, summary: string, description: string): Command =>
    ledger
      .command(name)
      .summary(summary)
      .description(description)
      .optionsGroup('Ledger:')
      .option('--ledger <file>', 'the ledger (default: $AMPMETER_LEDGER, or the state folder)');

  addOutputFlags(
    add(
      'info',
      'show what is in the ledger',
      'Shows the number of records and runs, the hours they cover, and the destinations.',
    ),
  )
    .addHelpText(
      'after',
      examples('info', 'info -o json', 'info --ledger ledger-backup.db') + exitCodesHelp([0, 1, 2, 9]),
    )
    .action((raw: Raw) => run({ ...shared(raw), what: { action: 'info' } }));
  addOutputFlags(
    add(
      'verify',
      'check every page and every record',
      'Checks for damage on the disk, and for data that no run of ampmeter would have written.',
    ),
  )
    .addHelpText(
      'after',
      examples('verify', 'verify -o json', 'verify --ledger ledger-backup.db') +
        exitCodesHelp([0, 1, 2, 9], { 9: 'the ledger has problems' }),
    )
    .action((raw: Raw) => run({ ...shared(raw), what: { action: 'verify' } }));
  addOutputFlags(
    add(
      'backup',
      'write a copy',
      'Writes a complete, consistent copy to a new file, even during an upload.',
    ).argument('<file>', 'file for the copy; must not exist yet'),
  )
    .addHelpText(
      'after',
      examples(
        'backup ledger-backup.db',
        'backup "ledger-$(date +%F).db"',
        'backup copy.db && ampmeter ledger verify --ledger copy.db',
      ) + exitCodesHelp([0, 1, 2, 9]),
    )
    .action((target: string, raw: Raw) => run({ ...shared(raw), what: { action: 'backup', target } }));
  addOutputFlags(
    add(
      'prune',
      'delete old records',
      'Deletes the settled records of the hours before a time. Unsettled records, and hours that AWS still accepts, are ' +
        'kept. CloudTrail keeps its own record for 90 days: run reconcile first.',
    )
      .requiredOption('--before <when>', 'delete the hours before this time: 2026-10-01, an ISO time, -90d')
      .option('--dry-run', 'show what would be deleted, and delete nothing')
      .option('--wait <time>', 'how long to wait for another run to finish, for example 10m', parseDuration),
  )
    .addHelpText(
      'after',
      examples(
        'prune --before -90d --dry-run',
        'prune --before 2026-01-01T00:00Z',
        'prune --before -90d --wait 10m -o json',
      ) + exitCodesHelp([0, 1, 2, 8, 9]),
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
