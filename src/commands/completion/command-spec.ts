import type { Argument, Command, Help, Option } from 'commander';
import { type Value, whatFits } from './values.ts';

export type Flag = {
  /** With their dashes, the short one first. */
  readonly names: readonly string[];
  /** As it is written in a usage line: `--map <column=header>`. */
  readonly written: string;
  readonly says: string;
  /** The same with choices and default, as the help has it. */
  readonly details: string;
  /** Undefined for a flag that takes no value. */
  readonly value: Value | undefined;
  /** What the help calls the value. */
  readonly valueName: string;
  readonly repeatable: boolean;
  /** The heading that the help has it under, without its colon. */
  readonly group: string;
};

export type ArgumentSpec = {
  readonly name: string;
  readonly says: string;
  readonly value: Value;
  readonly variadic: boolean;
};

/** A command as plain data: what a completion, a manual page or a test needs to know of it. */
export type CommandSpec = {
  /** Without the program's name: empty for the program itself. */
  readonly path: readonly string[];
  /** One line. */
  readonly says: string;
  readonly description: string;
  readonly usage: string;
  /** What the help has after the flags: examples, exit codes. */
  readonly after: string;
  readonly flags: readonly Flag[];
  readonly words: readonly ArgumentSpec[];
  readonly commands: readonly CommandSpec[];
};

/** What can be typed, hidden commands left out. */
export const commandSpecOf = (command: Command, path: readonly string[] = []): CommandSpec => {
  const help = command.createHelp();
  const visible = help.visibleCommands(command);
  // The command `help` takes the name of another one.
  const siblings = visible.map(one => one.name()).filter(name => name !== 'help');
  return {
    path,
    says: command.summary() || oneLine(command.description()),
    description: oneLine(command.description()),
    usage: command.usage(),
    after: afterHelp(command),
    flags: help.visibleOptions(command).map(option => flagOf(option, help)),
    words: command.registeredArguments.map(argument => wordOf(argument, path.join(' '))),
    commands: visible.map(one => withNames(commandSpecOf(one, [...path, one.name()]), siblings)),
  };
};

type Emitter = { readonly emit: (event: string, said: object) => void };

/** Commander has no other way to it than to say that help is being printed. */
const afterHelp = (command: Command): string => {
  const parts: string[] = [];
  const said = { error: false, command, write: (text: string) => parts.push(text) };
  (command as unknown as Emitter).emit('afterHelp', said);
  return parts.join('').trim();
};

const withNames = (shape: CommandSpec, names: readonly string[]): CommandSpec =>
  shape.path.at(-1) !== 'help'
    ? shape
    : {
        ...shape,
        words: shape.words.map(word =>
          word.name === 'command' ? { ...word, value: { kind: 'choices', choices: names } } : word,
        ),
      };

const flagOf = (option: Option, help: Help): Flag => {
  const takesValue = option.required || option.optional;
  const valueName = /[<[]([^>\]]*?)(?:\.\.\.)?[>\]]/.exec(option.flags)?.[1] ?? '';
  const says = oneLine(option.description);
  // Of a flag with two long names Commander takes the first for the short one.
  const names = [option.short, option.long].filter(name => name != null);
  return {
    names,
    written: option.flags,
    says,
    details: oneLine(help.optionDescription(option)),
    value: takesValue ? whatFits(valueName, option.argChoices, names) : undefined,
    valueName,
    repeatable: isRepeatable(option),
    group: (option.helpGroupHeading ?? 'Options:').replace(/:$/, ''),
  };
};

const wordOf = (argument: Argument, command: string): ArgumentSpec => ({
  name: argument.name(),
  says: oneLine(argument.description),
  value: whatFits(argument.name(), argument.argChoices, [`${command} ${argument.name()}`]),
  variadic: argument.variadic,
});

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/**
 * What is to be done for flags, with the places it is to be done at, each a command and a flag. A flag that has the same
 * meaning wherever it stands is there once, with `*` for the command.
 */
export const placesOf = (
  commands: readonly CommandSpec[],
  actionOf: (flag: Flag) => string | undefined,
): ReadonlyMap<string, readonly string[]> => {
  const all = commands.flatMap(({ path, flags }) =>
    flags.flatMap(flag =>
      flag.names.map(name => ({ name, command: path.join(' '), action: actionOf(flag) })),
    ),
  );
  const places = new Map<string, Set<string>>();
  for (const { name, command, action } of all) {
    if (action === undefined) continue;
    const isSame = all.every(other => other.name !== name || other.action === action);
    const found = places.get(action) ?? new Set();
    places.set(action, found.add(`${isSame ? '*' : command} ${name}`));
  }
  return new Map([...places].map(([action, found]) => [action, [...found]]));
};

/** The command itself and all below it. */
export const allOf = (shape: CommandSpec): readonly CommandSpec[] => [
  shape,
  ...shape.commands.flatMap(allOf),
];

const isRepeatable = ({ variadic, description }: Option): boolean =>
  variadic || /\brepeatable\b/.test(description);
