import { type ArgumentSpec, allOf, type CommandSpec, type FlagSpec } from '../command-spec.ts';
import type { ValueKind } from '../values.ts';

/** Completion for zsh: a function for each command, in the words of zsh's own `_arguments`. */
export const zshCompletion = (program: CommandSpec): string => `#compdef ampmeter
# zsh completion for ampmeter. Made by npm run completions; do not edit.
#   ampmeter completion zsh > "\${fpath[1]}/_ampmeter", or: source <(ampmeter completion zsh)

${HELPERS}
${allOf(program)
  .map(command => (command.commands.length > 0 ? branch(command) : leaf(command)))
  .join('\n')}
_ampmeter() {
  # _arguments takes away the words before a command's own; the tool is asked with all of them.
  local -a typed
  typed=("\${(@)words}")
  _ampmeter_at "$@"
}

if [[ \${funcstack[1]} == _ampmeter ]]; then
  _ampmeter "$@"
else
  compdef _ampmeter ampmeter
fi
`;

const functionOf = ({ path }: CommandSpec): string =>
  ['_ampmeter_at', ...path].join('_').replaceAll('-', '_');

const branch = (command: CommandSpec): string => `${functionOf(command)}() {
  local context state state_descr line ret=1
  typeset -A opt_args
  _arguments -C -S -s \\
${specs(command.flags.map(flagSpec))}
    '1: :->command' \\
    '*:: :->words' && ret=0
  case $state in
    command)
      local -a commands
      commands=(
${command.commands.map(one => `        ${quoted(`${one.path.at(-1)}:${one.summary}`)}\n`).join('')}      )
      _describe -t commands command commands && ret=0
      ;;
    words)
      case $line[1] in
${command.commands.map(one => `        ${one.path.at(-1)}) ${functionOf(one)} && ret=0 ;;\n`).join('')}      esac
      ;;
  esac
  return ret
}
`;

const leaf = (command: CommandSpec): string => `${functionOf(command)}() {
  _arguments -S -s \\
${specs([...command.flags.map(flagSpec), ...command.args.map(wordSpec)]).replace(/ \\$/, '')}
}
`;

const specs = (found: readonly string[]): string => found.map(spec => `    ${spec} \\`).join('\n');

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** In a spec of `_arguments` a colon and a bracket part things. */
const plain = (text: string): string => text.replaceAll(/[\\:[\]]/g, '\\$&');

const flagSpec = ({ names, description, value, valueName, repeatable }: FlagSpec): string => {
  const more = value === undefined ? '' : `:${plain(valueName)}:${actionOf(value)}`;
  const others = repeatable ? '*' : names.length > 1 ? `(${names.join(' ')})` : '';
  const written = names.map(name => {
    if (value === undefined) return name;
    return name.startsWith('--') ? `${name}=` : `${name}+`;
  });
  return written.length === 1
    ? quoted(`${others}${written[0]}[${plain(description)}]${more}`)
    : `${others === '' ? '' : quoted(others)}{${written.join(',')}}${quoted(`[${plain(description)}]${more}`)}`;
};

const wordSpec = ({ name, description, value, variadic }: ArgumentSpec, place: number): string =>
  quoted(`${variadic ? '*' : place + 1}:${plain(description || name)}:${actionOf(value)}`);

const actionOf = (value: ValueKind): string => {
  switch (value.kind) {
    case 'choices':
      return `(${value.choices.map(choice => choice.replaceAll(/[^\w./@-]/g, '\\$&')).join(' ')})`;
    case 'file':
      return '_files';
    case 'folder':
      return '_directories';
    case 'dynamic':
      return `{_ampmeter_ask ${value.what}}`;
    case 'free':
      return ' ';
    default:
      return value satisfies never;
  }
};

const HELPERS = `# Asks the tool, in the words of this line, and keeps its order.
_ampmeter_ask() {
  local line value tool=\${(Q)typed[1]}
  local -a lines candidates
  [[ $tool == '~/'* ]] && tool=$HOME/\${tool#'~/'}
  whence -p -- $tool > /dev/null || tool=ampmeter
  lines=("\${(@f)$("$tool" __complete $1 -- "\${(@)typed[2,-1]}" 2> /dev/null < /dev/null)}")
  for line in $lines; do
    value=\${line%%$'\\t'*}
    candidates+=("\${\${value//\\\\/\\\\\\\\}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe -V -t $1 $1 candidates
}
`;
