import type { Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { addOutputFlags, type OutputFlags } from '../../cli/options/output.ts';
import { parseDuration } from '../../cli/options/time.ts';
import type { Format } from '../../render/text/members.ts';
import type { ColorFlag } from '../../render/text/style.ts';

export type LedgerOptions = OutputFlags & {
  /** As it was named; undefined: where the ledger usually is. */
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
      };
};

type Raw = { output: Format; color: ColorFlag; debug?: boolean; ledger?: string };

/** `ledger info`, `verify`, `backup` and `prune`. */
export const addLedger = (program: Command, run: (options: LedgerOptions) => Promise<void>): Command => {
  const ledger = program
    .command('ledger')
    .summary('look after the ledger: info, verify, backup, prune')
    .description('Looks after the file that remembers what was billed. Safe while an upload runs.')
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
      .option('--ledger <file>', 'the ledger; AMPMETER_LEDGER names it, too');

  addOutputFlags(
    add(
      'info',
      'tell what is in it',
      'Tells how many records and runs the ledger holds, of which hours, and for which destinations.',
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
      'look at every page and every record',
      'Looks for damage on the disk, and for what no run of this program would have written.',
    ),
  )
    .addHelpText(
      'after',
      examples('verify', 'verify -o json', 'verify --ledger ledger-backup.db') +
        exitCodesHelp([0, 1, 2, 9], { 9: 'something is wrong with it' }),
    )
    .action((raw: Raw) => run({ ...shared(raw), what: { action: 'verify' } }));
  addOutputFlags(
    add(
      'backup',
      'write a copy',
      'Writes a whole, consistent copy to a new file, also while an upload goes on.',
    ).argument('<file>', 'where the copy goes; nothing may stand there yet'),
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
      'delete what is old',
      'Deletes what was settled of the hours before a time. What AWS may still take, and what is not settled, stays. ' +
        'CloudTrail keeps its own record for 90 days: reconcile first.',
    )
      .requiredOption('--before <when>', 'hours before this time (2026-10-01, an ISO time, -90d)')
      .option('--dry-run', 'tell what would be deleted, and delete nothing')
      .option('--wait <time>', 'wait so long for a run to finish, such as 10m', parseDuration),
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
  return ledger;
};

const HELP = `
Examples:
  ampmeter ledger info
  ampmeter ledger verify && ampmeter ledger backup ledger-backup.db
  ampmeter ledger prune --before -90d --dry-run

${exitCodesHelp([0, 1, 2, 8, 9])}`;

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map(line => `  ampmeter ledger ${line}\n`).join('')}\n`;
