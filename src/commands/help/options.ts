import { Argument, type Command } from 'commander';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { loadParts } from '../../cli/typed-command.ts';
import { UsageError } from '../../errors.ts';

/** Topics other than the commands, with a line each. Their texts are in `topics/`. */
export const TOPICS = {
  csv: 'the columns of the input and their values',
  identity: 'the three ways to identify a buyer',
  fractions: 'fractions, hours that grow, and what --round and --late do',
  windows: 'how old usage can be',
  credentials: 'where credentials and Region come from, and permissions',
  tables: 'the ledger as a file or a table of DynamoDB, and their costs',
  cron: 'how to run unattended: overlap, exit codes, the ledger',
  'exit-codes': 'what each exit code means, and how a script can handle it',
} as const;

export type Topic = keyof typeof TOPICS;

export type HelpOptions = { readonly topic: Topic };

/** The list of topics in the program's own help. */
export const topicsHelp = (): string => {
  const width = Math.max(...Object.keys(TOPICS).map(name => name.length));
  const lines = Object.entries(TOPICS).map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}\n`);
  return `Topics (ampmeter help <topic>):\n${lines.join('')}`;
};

/**
 * Replaces Commander's own `help`, which knows only commands. Must be added last: it lists the commands that were added
 * before it.
 */
export const addHelp = (program: Command, run: (options: HelpOptions) => Promise<void>): Command => {
  const commands = program.createHelp().visibleCommands(program);
  const words = [...commands.map(command => command.name()), ...Object.keys(TOPICS)];
  // The choices are for completions; Commander's error would list all of them without a suggestion.
  const argument = new Argument('[topic...]', 'a command or a topic')
    .choices(words)
    .argParser((word: string, previous: readonly string[] = []) => [...previous, word]);
  return program
    .command('help')
    .summary('show the help of a command, or a topic')
    .description('Shows the help of a command, or one of the topics.')
    .addArgument(argument)
    .addHelpText('after', HELP)
    .action(async (path: readonly string[] = []) => {
      const [name = '', ...more] = path;
      if (isTopic(name)) {
        if (more.length > 0) throw new UsageError(`help ${name} accepts no further arguments`);
        return run({ topic: name });
      }
      const command = await commandAt(program, path);
      await loadParts(command);
      command.outputHelp();
    });
};

const HELP = `
${topicsHelp()}
Examples:
  ampmeter help batch
  ampmeter help ledger prune
  ampmeter help windows

${exitCodesHelp([0, 1, 2])}`;

/** What can follow these words after `help`: commands and topics, or the subcommands of a command. */
export const helpOn = (program: Command, path: readonly string[]): readonly HelpWord[] => {
  let command: Command | undefined = program;
  for (const name of path) command = command?.commands.find(known => known.name() === name);
  if (command === undefined) return [];
  const commands = command
    .createHelp()
    .visibleCommands(command)
    .map(visible => ({ value: visible.name(), description: visible.summary() || visible.description() }))
    .filter(({ value }) => value !== 'help');
  if (path.length > 0) return commands;
  return [...commands, ...Object.entries(TOPICS).map(([value, description]) => ({ value, description }))];
};

type HelpWord = { readonly value: string; readonly description: string };

const isTopic = (name: string): name is Topic => Object.hasOwn(TOPICS, name);

const commandAt = async (program: Command, path: readonly string[]): Promise<Command> => {
  let command = program;
  for (const name of path) {
    const found = command.commands.find(known => known.name() === name);
    if (found === undefined) throw await noHelp(program, command, name);
    command = found;
  }
  return command;
};

const noHelp = async (program: Command, command: Command, name: string): Promise<UsageError> => {
  const { guessNames } = await import('../../cli/suggest.ts');
  const isFirst = command === program;
  const known = command
    .createHelp()
    .visibleCommands(command)
    .map(visible => visible.name());
  const guesses = guessNames(name, isFirst ? [...known, ...Object.keys(TOPICS)] : known);
  const suggestion = guesses.length === 0 ? '' : `did you mean ${guesses.join(' or ')}? `;
  return new UsageError(
    `no help found for "${name}"`,
    isFirst
      ? `${suggestion}ampmeter help lists commands and topics; for errors and statuses: ampmeter explain`
      : `${suggestion}see ampmeter ${command.name()} --help`,
  );
};
