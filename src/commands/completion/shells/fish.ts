import { allOf, type CommandSpec, type FlagSpec, placesOf } from '../command-spec.ts';
import type { ValueKind } from '../values.ts';

/** Completion for fish: a line for each thing that can be typed, on the condition that the line has come to its command. */
export const fishCompletion = (program: CommandSpec): string => {
  const commands = allOf(program);
  return `# fish completion for ampmeter. Made by npm run completions; do not edit.
#   ampmeter completion fish > ~/.config/fish/completions/ampmeter.fish

# The command that stands in the line so far, such as "ledger prune".
function __ampmeter_path
    set -l path
    set -l skip 0
    for token in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch "$path $token"
            case ${[...placesOf(commands, ({ value }) => value && 'skip').values()].flat().map(quoted).join(SEPARATOR)}
                set skip 1
            case ${commands
              .flatMap(command => command.commands.map(one => quoted(`${key(command)} ${one.path.at(-1)}`)))
              .join(SEPARATOR)}
                set path (string trim -- "$path $token")
        end
    end
    echo "$path"
end

function __ampmeter_at
    test (__ampmeter_path) = "$argv"
end

# Asks the tool, in the words of this line.
function __ampmeter_ask
    set -l typed (commandline -opc) (commandline -ct)
    set -l tool $typed[1]
    type -q -- "$tool"; or set tool ampmeter
    command $tool __complete $argv -- $typed[2..-1] 2>/dev/null </dev/null
end

complete -c ampmeter -e
complete -c ampmeter -f
${commands.map(linesOf).join('\n')}`;
};

/** Between the patterns of a `case`. */
const SEPARATOR = ' \\\n                ';

const key = ({ path }: CommandSpec): string => path.join(' ');
const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;

const linesOf = (command: CommandSpec): string => {
  const start = `complete -c ampmeter -n ${quoted(`__ampmeter_at ${key(command)}`.trim())}`;
  const lines = [
    ...command.commands.map(one => `-a ${one.path.at(-1)} -d ${quoted(one.summary)}`),
    ...command.args.filter(({ value }) => value.kind !== 'free').map(({ value }) => actionOf(value, 'word')),
    ...command.flags.map(flagLine),
  ];
  return lines.map(line => `${start} ${line}\n`).join('');
};

const flagLine = ({ names, description, value }: FlagSpec): string => {
  const written = names.map(name => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const more = value === undefined ? [] : [actionOf(value, 'flag')];
  return [...written, ...more, `-d ${quoted(description)}`].join(' ');
};

/** `-x`: the flag takes a value, and no file; `-k`: in the order that the tool gives. */
const actionOf = (value: ValueKind, of: 'flag' | 'word'): string => {
  const noFile = of === 'flag' ? '-x ' : '';
  switch (value.kind) {
    case 'choices':
      return `${noFile}-a ${quoted(value.choices.join(' '))}`;
    case 'file':
      return of === 'flag' ? '-r -F' : '-F';
    case 'folder':
      return `${noFile}-a '(__fish_complete_directories)'`;
    case 'dynamic':
      return `${noFile}-k -a '(__ampmeter_ask ${value.what})'`;
    case 'free':
      return noFile.trim();
    default:
      return value satisfies never;
  }
};
