import { Command } from 'commander';
import { topicsHelp } from '../commands/help/options.ts';
import { wantsColor } from '../render/text/style.ts';
import type { World } from '../world.ts';
import { checkFlags } from './options/check-flags.ts';
import type { Declaration, OnParsed } from './registry.ts';
import { loadParts } from './typed-command.ts';

type Outside = Pick<World, 'env' | 'stdout' | 'stderr' | 'version'>;

/**
 * The tree of these commands. Parsing rejects with CommanderError for help, version and mistakes, which are not printed
 * here. Commands are created with `program.command`, because only those inherit these settings.
 */
export const createProgram = (
  declarations: readonly Declaration[],
  onParsed: OnParsed,
  { env, stdout, stderr, version }: Outside,
): Command => {
  const program = new Command('ampmeter')
    .description('Reports AWS Marketplace usage and makes sure that every record is billed exactly once.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({
      writeOut: text => void stdout.write(text),
      writeErr: text => void stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => stdout.columns() ?? 100,
      getErrHelpWidth: () => stderr.columns() ?? 100,
      getOutHasColors: () => wantsColor('auto', env, stdout.isTTY),
      getErrHasColors: () => wantsColor('auto', env, stderr.isTTY),
    })
    .addHelpText('after', HELP)
    // `help` is a command of its own.
    .helpCommand(false)
    .hook('preSubcommand', (_, command) => loadParts(command));
  for (const declare of declarations) declare(program, onParsed);
  checkFlags(program, { env });
  return program;
};

const HELP = `
Try it without an AWS account:
  ampmeter batch examples/usage.csv --timestamp -1h --local

Show the flags of a command:
  ampmeter batch --help

${topicsHelp()}`;
