import { allOf, placesOf, type Shape } from './shape.ts';
import type { Value } from './values.ts';

/**
 * Completion for bash, 3.2 of macOS included: no associative arrays, no mapfile. Where files belong, it offers nothing
 * and leaves the place to bash's own completion of files, which knows spaces, tildes and quotes.
 */
export const bashCompletion = (program: Shape): string => {
  const commands = allOf(program);
  return `# bash completion for ampmeter. Made by npm run completions; do not edit.
#   source <(ampmeter completion bash)

${HELPERS}
# Whether the flag $2 of the command $1 takes a value.
_ampmeter_takes_value() {
  case "$1 $2" in
${indent(4, valued(commands))}
  esac
  return 1
}

# What may stand behind the flag $2 of the command $1.
_ampmeter_value() {
  case "$1 $2" in
${indent(4, valueCases(commands))}
    *) _ampmeter_nothing ;;
  esac
}

# The flags of the command $1.
_ampmeter_flags() {
  case "$1" in
${indent(4, commands.map(command => `${quoted(key(command))}) _ampmeter_offer ${command.flags.flatMap(flag => flag.names).join(' ')} ;;`).join('\n'))}
  esac
}

# What may stand in the place $2 (0, 1, ...) after the command $1.
_ampmeter_word() {
  case "$1" in
${indent(4, commands.map(wordCase).join('\n'))}
    *) _ampmeter_nothing ;;
  esac
}

# Whether $2 is a command below the command $1.
_ampmeter_descends() {
  case "$1 $2" in
${indent(
  4,
  caseOf(
    commands.flatMap(command => command.commands.map(below => quoted(`${key(command)} ${name(below)}`))),
    'return 0',
  ),
)}
  esac
  return 1
}

${MAIN}`;
};

const key = ({ path }: Shape): string => path.join(' ');
const name = ({ path }: Shape): string => path.at(-1) ?? '';
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const indent = (columns: number, text: string): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(columns));

/** A place as a pattern: its star is one. */
const pattern = (place: string): string =>
  place.startsWith('* ') ? `*${quoted(place.slice(1))}` : quoted(place);

const valued = (commands: readonly Shape[]): string =>
  [...placesOf(commands, ({ value }) => (value === undefined ? undefined : 'return 0'))]
    .map(([action, places]) => caseOf(places.map(pattern), action))
    .join('\n');

/** A branch for several patterns, one a line. */
const caseOf = (found: readonly string[], action: string): string =>
  found.length === 0 ? '' : `${found.join(' | \\\n')}) ${action} ;;`;

/** The branches for what follows flags, one for each thing that can be offered. */
const valueCases = (commands: readonly Shape[]): string =>
  [...placesOf(commands, ({ value }) => value && actionOf(value))]
    .filter(([action]) => action !== actionOf({ kind: 'free' }))
    .map(([action, places]) => caseOf(places.map(pattern), action))
    .join('\n');

const wordCase = (command: Shape): string => {
  const names = command.commands.map(name);
  if (names.length > 0) return `${quoted(key(command))}) _ampmeter_offer ${names.join(' ')} ;;`;
  const branches = command.words.map(
    ({ value, variadic }, place) => `${variadic ? '*' : place}) ${actionOf(value)} ;;`,
  );
  if (!command.words.some(({ variadic }) => variadic)) branches.push('*) _ampmeter_nothing ;;');
  return `${quoted(key(command))}) case "$2" in ${branches.join(' ')} esac ;;`;
};

const actionOf = (value: Value): string => {
  switch (value.kind) {
    case 'choices':
      return `_ampmeter_offer ${value.choices.map(quoted).join(' ')}`;
    case 'file':
      return ':';
    case 'folder':
      return '_ampmeter_folders';
    case 'asked':
      return `_ampmeter_ask ${value.what}`;
    case 'free':
      return '_ampmeter_nothing';
    default:
      return value satisfies never;
  }
};

const HELPERS = `# No file is offered either. Silent in bash 3.2, which has no compopt.
_ampmeter_nothing() {
  compopt +o default 2> /dev/null || :
}

_ampmeter_folders() {
  compopt +o default -o dirnames 2> /dev/null || :
}

_ampmeter_offer() {
  local word
  for word; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$before$word")
  done
  _ampmeter_nothing
}

# Asks the tool, in the words of this line. What it says is only ever compared and quoted, never evaluated.
_ampmeter_ask() {
  local line word typed=$cur quote= tool=\${COMP_WORDS[0]}
  case $typed in [\\"\\']*) quote=\${typed:0:1} typed=\${typed:1} ;; esac
  [[ -n $quote ]] || typed=\${typed//\\\\/}
  [[ $tool == "~/"* ]] && tool=$HOME/\${tool#"~/"}
  type -P -- "$tool" > /dev/null || tool=ampmeter
  while IFS= read -r line; do
    word=\${line%%$'\\t'*}
    [[ -n $word && $word == "$typed"* ]] || continue
    [[ -n $quote ]] || printf -v word %q "$word"
    COMPREPLY+=("$before$word")
  done < <("$tool" __complete "$1" -- "\${COMP_WORDS[@]:1}" 2> /dev/null < /dev/null)
  _ampmeter_nothing
}
`;

const MAIN = `_ampmeter() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before= path= flag= word words_only= place=0 i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # Where = parts words, --flag=value is three of them.
    if [[ $word == = && -n $flag ]]; then continue; fi
    if [[ -n $flag ]]; then flag=; continue; fi
    if [[ -n $words_only ]]; then place=$((place + 1)); continue; fi
    case $word in
      --) words_only=1 ;;
      -?*) if _ampmeter_takes_value "$path" "$word"; then flag=$word; fi ;;
      *)
        if ((place == 0)) && _ampmeter_descends "$path" "$word"; then
          path=\${path:+$path }$word
        else
          place=$((place + 1))
        fi
        ;;
    esac
  done
  if [[ $cur == = && -n $flag ]]; then cur=; fi
  if [[ -n $flag ]]; then
    _ampmeter_value "$path" "$flag"
  elif [[ -z $words_only && $cur == --*=* ]]; then
    flag=\${cur%%=*} before=\${cur%%=*}= cur=\${cur#*=}
    _ampmeter_value "$path" "$flag"
  elif [[ -z $words_only && $cur == -* ]]; then
    _ampmeter_flags "$path"
  else
    _ampmeter_word "$path" "$place"
  fi
}

complete -o nosort -o default -F _ampmeter ampmeter 2> /dev/null || complete -o default -F _ampmeter ampmeter
`;
