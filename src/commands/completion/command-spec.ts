import type { Argument, Command, Help, Option } from 'commander';
import { type ValueKind, valueFor } from './values.ts';

export type FlagSpec = {
  /** With their dashes, the short one first. */
  readonly names: readonly string[];
  /** As in a usage line: `--map <column=header>`. */
  readonly written: string;
  readonly description: string;
  /** The same with choices and default, as in the help. */
  readonly details: string;
  /** Undefined for a flag without a value. */
  readonly value: ValueKind | undefined;
  /** The name of the value in the help. */
  readonly valueName: string;
  readonly repeatable: boolean;
  /** Its heading in the help, without the colon. */
  readonly group: string;
};

export type ArgumentSpec = {
  readonly name: string;
  readonly description: string;
  readonly value: ValueKind;
  readonly variadic: boolean;
};

/** A command as plain data, for completions, the manual page and tests. */
export type CommandSpec = {
  /** Without the program's name: empty for the program itself. */
  readonly path: readonly string[];
  /** One line. */
  readonly summary: string;
  readonly description: string;
  readonly usage: string;
  /** The help after the flags: examples, exit codes. */
  readonly after: string;
  readonly flags: readonly FlagSpec[];
  readonly args: readonly ArgumentSpec[];
  readonly commands: readonly CommandSpec[];
};

/** A command and its subcommands, without hidden ones. */
export const commandSpecOf = (command: Command, path: readonly string[] = []): CommandSpec => {
  const help = command.createHelp();
  const visible = help.visibleCommands(command);
  // The command `help` accepts the name of another one.
  const siblings = visible.map(one => one.name()).filter(name => name !== 'help');
  return {
    path,
    summary: command.summary() || oneLine(command.description()),
    description: oneLine(command.description()),
    usage: command.usage(),
    after: afterHelp(command),
    flags: help.visibleOptions(command).map(option => flagOf(option, help)),
    args: command.registeredArguments.map(argument => wordOf(argument, path.join(' '))),
    commands: visible.map(one => withHelpChoices(commandSpecOf(one, [...path, one.name()]), siblings)),
  };
};

type Emitter = { readonly emit: (event: string, context: object) => void };

/** Commander provides this text only through its event for printing help. */
const afterHelp = (command: Command): string => {
  const parts: string[] = [];
  const context = { error: false, command, write: (text: string) => parts.push(text) };
  (command as unknown as Emitter).emit('afterHelp', context);
  return parts.join('').trim();
};

const withHelpChoices = (spec: CommandSpec, names: readonly string[]): CommandSpec =>
  spec.path.at(-1) !== 'help'
    ? spec
    : {
        ...spec,
        args: spec.args.map(word =>
          word.name === 'command' ? { ...word, value: { kind: 'choices', choices: names } } : word,
        ),
      };

const flagOf = (option: Option, help: Help): FlagSpec => {
  const takesValue = option.required || option.optional;
  const valueName = /[<[]([^>\]]*?)(?:\.\.\.)?[>\]]/.exec(option.flags)?.[1] ?? '';
  const description = oneLine(option.description);
  // In Commander a flag with two long names has the first as its short one.
  const names = [option.short, option.long].filter(name => name != null);
  return {
    names,
    written: option.flags,
    description,
    details: oneLine(help.optionDescription(option)),
    value: takesValue ? valueFor(valueName, option.argChoices, names) : undefined,
    valueName,
    repeatable: isRepeatable(option),
    group: (option.helpGroupHeading ?? 'Options:').replace(/:$/, ''),
  };
};

const wordOf = (argument: Argument, command: string): ArgumentSpec => ({
  name: argument.name(),
  description: oneLine(argument.description),
  value: valueFor(argument.name(), argument.argChoices, [`${command} ${argument.name()}`]),
  variadic: argument.variadic,
});

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/**
 * The actions for flags, each with its places: a command and a flag. A flag with the same action in all commands is listed
 * once, with `*` for the command.
 */
export const placesOf = (
  commands: readonly CommandSpec[],
  actionOf: (flag: FlagSpec) => string | undefined,
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
export const allOf = (spec: CommandSpec): readonly CommandSpec[] => [spec, ...spec.commands.flatMap(allOf)];

const isRepeatable = ({ variadic, description }: Option): boolean =>
  variadic || /\brepeatable\b/.test(description);
