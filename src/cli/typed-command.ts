import type { Command, CommanderError } from 'commander';
import { UsageError } from '../errors.ts';
import type { OutputFormat } from '../render/text/members.ts';
import type { ColorFlag } from '../render/text/style.ts';
import type { OutputFlags } from './options/output.ts';

type TypedCommand = {
  /** The command that was typed, as far as the line has been parsed; the program itself when no command is known. */
  readonly command: () => Command;
  /** Its name without the program: `ledger prune`. Empty for the program itself. */
  readonly name: () => string;
  /** Whether the whole line was parsed, so that the command has all of its flags. */
  readonly isParsed: () => boolean;
};

/** Follows the parser through the tree. The line alone is not enough: an argument may have the name of a command. */
export const followTyped = (program: Command): TypedCommand => {
  let typed = program;
  let isParsed = false;
  const follow = (command: Command): void => {
    command.hook('preSubcommand', (_, found) => {
      typed = found;
    });
    for (const below of command.commands) follow(below);
  };
  follow(program);
  program.hook('preAction', () => {
    isParsed = true;
  });
  return { command: () => typed, name: () => nameOf(typed), isParsed: () => isParsed };
};

const nameOf = (command: Command): string =>
  command.parent === null ? '' : [nameOf(command.parent), command.name()].filter(Boolean).join(' ');

/** Commander's messages begin with their level and may end with a suggestion on its own line. */
export const asUsageError = (error: CommanderError, typed: TypedCommand): UsageError => {
  const [first = '', ...more] = (
    error.code === 'commander.help' ? missingSubcommand(typed.command()) : error.message
  )
    .replace(/^error: /, '')
    .split('\n');
  const suggestion = more.join(' ').replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1? ');
  const isEarly = error.code === 'commander.unknownOption' && typed.command().commands.length > 0;
  const isRegion = /^ledger \w/.test(typed.name()) && first === "unknown option '--region'";
  const order = isEarly ? 'if it is a flag of a command, put it after the name of that command; ' : '';
  return new UsageError(
    first,
    `${isRegion ? TABLE_REGION : suggestion}${order}see ${['ampmeter', typed.name(), '--help'].filter(Boolean).join(' ')}`,
  );
};

const TABLE_REGION = 'a table has its Region in its name, dynamodb://REGION/TABLE, or from AWS_REGION; ';

const missingSubcommand = (command: Command): string =>
  `${command.name()}: missing subcommand (${command.commands.map(below => below.name()).join(', ')})`;

/** How an error that ended the command is printed. */
export type ErrorFlags = OutputFlags & {
  /** As it was typed, without the program: advice is for this command. Empty when none is known. */
  readonly command: string;
};

export const errorFlagsOf = (argv: readonly string[], typed: TypedCommand): ErrorFlags => {
  // A line that could not be parsed is searched for these flags alone.
  const found: { output?: string; color?: string; debug?: boolean } = typed.isParsed()
    ? typed.command().opts()
    : flagsIn(argv);
  return {
    output: formatOf(found.output),
    color: colorOf(found.color),
    debug: found.debug === true,
    command: typed.name(),
  };
};

const flagsIn = (argv: readonly string[]) => {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  return {
    output: flagIn(words, '--output', '-o'),
    color: flagIn(words, '--color'),
    debug: words.includes('--debug'),
  };
};

/** The value of a flag in a line that could not be parsed. */
const flagIn = (words: readonly string[], ...names: readonly string[]): string => {
  for (const [place, word] of words.entries()) {
    if (names.includes(word)) return words[place + 1] ?? '';
    const name = names.find(flag => word.startsWith(flag.startsWith('--') ? `${flag}=` : flag));
    if (name !== undefined) return word.slice(name.length).replace(/^=/, '');
  }
  return '';
};

const formatOf = (text: string | undefined): OutputFormat =>
  text === 'json' || text === 'jsonl' ? text : 'table';

const colorOf = (text: string | undefined): ColorFlag =>
  text === 'always' || text === 'never' ? text : 'auto';

/** What a command loads before its own words are parsed or its help is printed; most have nothing. */
const loads = new WeakMap<Command, () => Promise<void>>();

/**
 * Loads part of a command's declaration only when the command is typed or its help is requested, so that all other
 * commands start without it.
 */
export const loadWhenTyped = (command: Command, load: () => Promise<void>): Command => {
  loads.set(command, load);
  return command;
};

export const loadParts = async (command: Command): Promise<void> => {
  await loads.get(command)?.();
};
