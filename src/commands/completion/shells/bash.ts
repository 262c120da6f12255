import { allOf, type CommandSpec, placesOf } from '../command-spec.ts';
import type { ValueKind } from '../values.ts';

/**
 * Completion for bash, 3.2 of macOS included: no associative arrays, no mapfile. Where files belong, it offers nothing
 * and leaves the place to bash's own completion of files, which knows spaces, tildes and quotes.
 */
export const bashCompletion = (program: CommandSpec): string => {
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

const key = ({ path }: CommandSpec): string => path.join(' ');
const name = ({ path }: CommandSpec): string => path.at(-1) ?? '';
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const indent = (columns: number, text: string): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(columns));

/** A place as a pattern: its star is one. */
const pattern = (place: string): string =>
  place.startsWith('* ') ? `*${quoted(place.slice(1))}` : quoted(place);

const valued = (commands: readonly CommandSpec[]): string =>
  [...placesOf(commands, ({ value }) => (value === undefined ? undefined : 'return 0'))]
    .map(([action, places]) => caseOf(places.map(pattern), action))
    .join('\n');

/** A branch for several patterns, one a line. */
const caseOf = (found: readonly string[], action: string): string =>
  found.length === 0 ? '' : `${found.join(' | \\\n')}) ${action} ;;`;

/** The branches for what follows flags, one for each thing that can be offered. */
const valueCases = (commands: readonly CommandSpec[]): string =>
  [...placesOf(commands, ({ value }) => value && actionOf(value))]
    .filter(([action]) => action !== actionOf({ kind: 'free' }))
    .map(([action, places]) => caseOf(places.map(pattern), action))
    .join('\n');

const wordCase = (command: CommandSpec): string => {
  const names = command.commands.map(name);
  if (names.length > 0) return `${quoted(key(command))}) _ampmeter_offer ${names.join(' ')} ;;`;
  const branches = command.args.map(
    ({ value, variadic }, place) => `${variadic ? '*' : place}) ${actionOf(value)} ;;`,
  );
  if (!command.args.some(({ variadic }) => variadic)) branches.push('*) _ampmeter_nothing ;;');
  return `${quoted(key(command))}) case "$2" in ${branches.join(' ')} esac ;;`;
};

const actionOf = (value: ValueKind): string => {
  switch (value.kind) {
    case 'choices':
      return `_ampmeter_offer ${value.choices.map(quoted).join(' ')}`;
    case 'file':
      return ':';
    case 'folder':
      return '_ampmeter_folders';
    case 'dynamic':
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

# Readline puts a candidate in the place of what stands behind the last of its breaks, such as the colon of an ARN.
_ampmeter_reply() {
  [[ $1 == "$lead"* ]] && COMPREPLY+=("\${1#"$lead"}")
}

_ampmeter_offer() {
  local word
  for word; do
    [[ $word == "$cur"* ]] && _ampmeter_reply "$before$word"
  done
  _ampmeter_nothing
}

# Asks the tool, in the words of this line. What it says is only ever compared and quoted, never evaluated.
_ampmeter_ask() {
  local line word typed=$cur quote= tool=\${words[0]}
  case $typed in [\\"\\']*) quote=\${typed:0:1} typed=\${typed:1} ;; esac
  [[ -n $quote ]] || typed=\${typed//\\\\/}
  [[ $tool == "~/"* ]] && tool=$HOME/\${tool#"~/"}
  type -P -- "$tool" > /dev/null || tool=ampmeter
  while IFS= read -r line; do
    word=\${line%%$'\\t'*}
    [[ -n $word && $word == "$typed"* ]] || continue
    [[ -n $quote ]] || printf -v word %q "$word"
    _ampmeter_reply "$before$word"
  done < <("$tool" __complete "$1" -- "\${words[@]:1}" 2> /dev/null < /dev/null)
  _ampmeter_nothing
}
`;

const MAIN = `# Whether $1 is nothing but characters at which words are broken.
_ampmeter_is_break() {
  [[ -n $1 && -z \${1//[:=@]/} ]]
}

# Sets words: those of the line up to the cursor, as the tool would get them. Bash breaks --flag=value and arn:aws apart.
_ampmeter_words() {
  local rest=$COMP_LINE last=-1 word i
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((i > 0)) && [[ $rest != [[:space:]]* ]] &&
      { _ampmeter_is_break "$word" || _ampmeter_is_break "\${COMP_WORDS[i-1]}"; }; then
      words[last]+=$word
    else
      last=$((last + 1))
      words[last]=$word
    fi
    [[ -z $word ]] || rest=\${rest#*"$word"}
  done
}

# Sets lead: what of the word $1 stays, because readline breaks it; within quotes it does not.
_ampmeter_lead() {
  local tail=$1 mark
  case $1 in
    *[\\"\\']*) lead=\${1%%[\\"\\']*} ;;
    *)
      for mark in : =; do
        if [[ $COMP_WORDBREAKS == *$mark* ]]; then tail=\${tail##*$mark}; fi
      done
      # An @ goes with what follows it, which bash could take for a host.
      if [[ $COMP_WORDBREAKS == *@* && $tail == *@* ]]; then tail=@\${tail##*@}; fi
      lead=\${1%"$tail"}
      ;;
  esac
}

_ampmeter() {
  local -a words
  local cur before= lead= path= flag= word words_only= place=0 i
  COMPREPLY=()
  _ampmeter_words
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    word=\${words[i]}
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
  cur=\${words[\${#words[@]}-1]}
  _ampmeter_lead "$cur"
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
