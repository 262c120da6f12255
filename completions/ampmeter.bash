# bash completion for ampmeter. Made by npm run completions; do not edit.
#   source <(ampmeter completion bash)

# No file is offered either. Silent in bash 3.2, which has no compopt.
_ampmeter_nothing() {
  compopt +o default 2> /dev/null || :
}

_ampmeter_folders() {
  compopt +o default -o dirnames 2> /dev/null || :
}

# Readline puts a candidate in the place of what stands behind the last of its breaks, such as the colon of an ARN.
_ampmeter_reply() {
  [[ $1 == "$lead"* ]] && COMPREPLY+=("${1#"$lead"}")
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
  local line word typed=$cur quote= tool=${words[0]}
  case $typed in [\"\']*) quote=${typed:0:1} typed=${typed:1} ;; esac
  [[ -n $quote ]] || typed=${typed//\\/}
  [[ $tool == "~/"* ]] && tool=$HOME/${tool#"~/"}
  type -P -- "$tool" > /dev/null || tool=ampmeter
  while IFS= read -r line; do
    word=${line%%$'\t'*}
    [[ -n $word && $word == "$typed"* ]] || continue
    [[ -n $quote ]] || printf -v word %q "$word"
    _ampmeter_reply "$before$word"
  done < <("$tool" __complete "$1" -- "${words[@]:1}" 2> /dev/null < /dev/null)
  _ampmeter_nothing
}

# Whether the flag $2 of the command $1 takes a value.
_ampmeter_takes_value() {
  case "$1 $2" in
    *' --product-code' | \
    *' --timestamp' | \
    *' --timezone' | \
    *' --timestamp-format' | \
    *' --map' | \
    *' --delimiter' | \
    *' --input-format' | \
    *' --merge' | \
    *' --rate' | \
    *' --concurrency' | \
    *' --profile' | \
    *' --region' | \
    *' --endpoint-url' | \
    *' --ca-bundle' | \
    *' --give-up-after' | \
    *' -o' | \
    *' --output' | \
    *' --color' | \
    *' --ledger' | \
    *' --wait' | \
    *' --results' | \
    *' --rejects' | \
    *' --heartbeat' | \
    *' --dimension' | \
    *' --quantity' | \
    *' --allocation' | \
    *' --allocations' | \
    *' --client-token' | \
    *' --token-file' | \
    *' --public-key-version' | \
    *' --nonce' | \
    *' --public-key' | \
    *' --by' | \
    *' --since' | \
    *' --until' | \
    *' --customer' | \
    *' --license' | \
    *' --licence' | \
    *' --status' | \
    *' --run' | \
    *' --subscribers' | \
    *' --lookback' | \
    *' --zero-fill' | \
    *' --html' | \
    *' --reconciliation' | \
    *' --cloudtrail' | \
    *' --before' | \
    *' --host' | \
    *' --port' | \
    *' --window' | \
    *' --signatures' | \
    *' --catalog' | \
    *' --behaviour' | \
    *' --clock' | \
    *' --log' | \
    *' --state' | \
    *' --cloudtrail-delay' | \
    *' --fault' | \
    *' --seed') return 0 ;;
  esac
  return 1
}

# What may stand behind the flag $2 of the command $1.
_ampmeter_value() {
  case "$1 $2" in
    *' --product-code') _ampmeter_ask products ;;
    *' --timezone') _ampmeter_ask zones ;;
    *' --timestamp-format') _ampmeter_offer 'auto' 'excel' ;;
    *' --input-format') _ampmeter_offer 'csv' 'jsonl' 'json' ;;
    *' --merge') _ampmeter_offer 'none' 'sum' ;;
    *' --profile') _ampmeter_ask profiles ;;
    *' --region') _ampmeter_offer 'us-east-1' 'us-east-2' 'us-west-1' 'us-west-2' 'ca-central-1' 'sa-east-1' 'eu-west-1' 'eu-west-2' 'eu-west-3' 'eu-central-1' 'eu-central-2' 'eu-north-1' 'eu-south-1' 'eu-south-2' 'af-south-1' 'me-south-1' 'me-central-1' 'il-central-1' 'ap-east-1' 'ap-south-1' 'ap-south-2' 'ap-southeast-1' 'ap-southeast-2' 'ap-southeast-3' 'ap-southeast-4' 'ap-northeast-1' 'ap-northeast-2' 'ap-northeast-3' 'us-gov-east-1' 'us-gov-west-1' 'cn-northwest-1' 'eusc-de-east-1' 'us-isob-east-1' ;;
    *' --endpoint-url') _ampmeter_ask endpoints ;;
    *' --ca-bundle' | \
    *' --ledger' | \
    *' --results' | \
    *' --rejects' | \
    *' --heartbeat' | \
    *' --allocations' | \
    *' --token-file' | \
    *' --public-key' | \
    *' --subscribers' | \
    *' --zero-fill' | \
    *' --html' | \
    *' --reconciliation' | \
    'reconcile --cloudtrail' | \
    *' --catalog' | \
    *' --log' | \
    *' --state') : ;;
    'batch -o' | \
    'batch --output' | \
    'meter -o' | \
    'meter --output' | \
    'resolve -o' | \
    'resolve --output' | \
    'register -o' | \
    'register --output' | \
    'gaps -o' | \
    'gaps --output' | \
    'report -o' | \
    'report --output' | \
    'ledger info -o' | \
    'ledger info --output' | \
    'ledger verify -o' | \
    'ledger verify --output' | \
    'ledger backup -o' | \
    'ledger backup --output' | \
    'ledger prune -o' | \
    'ledger prune --output' | \
    'emulator -o' | \
    'emulator --output' | \
    'doctor -o' | \
    'doctor --output' | \
    'explain -o' | \
    'explain --output') _ampmeter_offer 'table' 'json' 'jsonl' ;;
    *' --color') _ampmeter_offer 'auto' 'always' 'never' ;;
    *' --dimension') _ampmeter_ask dimensions ;;
    *' --by') _ampmeter_offer 'hour' 'day' 'customer' 'dimension' 'product' ;;
    *' --customer') _ampmeter_ask customers ;;
    *' --license' | \
    *' --licence') _ampmeter_ask licenses ;;
    *' --status') _ampmeter_ask statuses ;;
    *' --run') _ampmeter_ask runs ;;
    'history -o' | \
    'history --output' | \
    'reconcile -o' | \
    'reconcile --output') _ampmeter_offer 'table' 'json' 'jsonl' 'csv' ;;
    *' --window') _ampmeter_offer 'on' 'off' ;;
    *' --signatures') _ampmeter_offer 'verify' 'skip' ;;
    *' --behaviour') _ampmeter_ask behaviours ;;
    'emulator --cloudtrail') _ampmeter_folders ;;
    *' --fault') _ampmeter_ask faults ;;
    *) _ampmeter_nothing ;;
  esac
}

# The flags of the command $1.
_ampmeter_flags() {
  case "$1" in
    '') _ampmeter_offer -V --version -h --help ;;
    'batch') _ampmeter_offer --product-code --timestamp --new-usage --timezone --timestamp-format --map --delimiter --input-format --merge --skip-invalid --allow-empty --allow-round-accounts --allow-null-text --dry-run --rate --concurrency --profile --region --endpoint-url --dual-stack --fips --ca-bundle --give-up-after --local --show-request -o --output --color --debug --ledger --no-ledger --skip-open --wait --results --rejects --no-rejects -q --quiet --heartbeat -h --help ;;
    'meter') _ampmeter_offer --product-code --dimension --quantity --timestamp --timezone --allocation --allocations --allow-null-text --client-token --dry-run --profile --region --endpoint-url --dual-stack --fips --ca-bundle --give-up-after --local --show-request -o --output --color --debug -h --help ;;
    'resolve') _ampmeter_offer --token-file --profile --region --endpoint-url --dual-stack --fips --ca-bundle --give-up-after --local --show-request -o --output --color --debug -h --help ;;
    'register') _ampmeter_offer --product-code --public-key-version --nonce --public-key --profile --region --endpoint-url --dual-stack --fips --ca-bundle --give-up-after --local --show-request -o --output --color --debug -h --help ;;
    'history') _ampmeter_offer --by --runs --since --until --customer --license --licence --product-code --dimension --ledger --region --endpoint-url --status --run -o --output --color --debug -h --help ;;
    'gaps') _ampmeter_offer --subscribers --delimiter --allow-round-accounts --allow-null-text --lookback --since --until --customer --license --licence --product-code --dimension --ledger --region --endpoint-url --zero-fill --force -o --output --color --debug -h --help ;;
    'report') _ampmeter_offer --html --reconciliation --force --since --until --customer --license --licence --product-code --dimension --ledger --region --endpoint-url -o --output --color --debug -h --help ;;
    'reconcile') _ampmeter_offer --since --until --cloudtrail --profile --region --endpoint-url --dual-stack --fips --ca-bundle --give-up-after --ledger --settle --wait -o --output --color --debug --all -h --help ;;
    'ledger') _ampmeter_offer -h --help ;;
    'ledger info') _ampmeter_offer --ledger -o --output --color --debug -h --help ;;
    'ledger verify') _ampmeter_offer --ledger -o --output --color --debug -h --help ;;
    'ledger backup') _ampmeter_offer --ledger -o --output --color --debug -h --help ;;
    'ledger prune') _ampmeter_offer --ledger --before --dry-run --wait -o --output --color --debug -h --help ;;
    'ledger help') _ampmeter_offer  ;;
    'emulator') _ampmeter_offer --host --port --window --signatures --catalog --behaviour --clock --log --state --cloudtrail --cloudtrail-delay --fault --seed --rate -o --output --color --debug -h --help ;;
    'doctor') _ampmeter_offer --profile --region --endpoint-url --dual-stack --fips --ca-bundle --give-up-after -o --output --color --debug --ledger -h --help ;;
    'explain') _ampmeter_offer -o --output --color --debug -h --help ;;
    'completion') _ampmeter_offer -h --help ;;
    'help') _ampmeter_offer -h --help ;;
  esac
}

# What may stand in the place $2 (0, 1, ...) after the command $1.
_ampmeter_word() {
  case "$1" in
    '') _ampmeter_offer batch meter resolve register history gaps report reconcile ledger emulator doctor explain completion help ;;
    'batch') case "$2" in *) : ;; esac ;;
    'meter') case "$2" in *) _ampmeter_nothing ;; esac ;;
    'resolve') case "$2" in 0) _ampmeter_nothing ;; *) _ampmeter_nothing ;; esac ;;
    'register') case "$2" in *) _ampmeter_nothing ;; esac ;;
    'history') case "$2" in *) _ampmeter_nothing ;; esac ;;
    'gaps') case "$2" in *) _ampmeter_nothing ;; esac ;;
    'report') case "$2" in *) _ampmeter_nothing ;; esac ;;
    'reconcile') case "$2" in *) _ampmeter_nothing ;; esac ;;
    'ledger') _ampmeter_offer info verify backup prune help ;;
    'ledger info') case "$2" in *) _ampmeter_nothing ;; esac ;;
    'ledger verify') case "$2" in *) _ampmeter_nothing ;; esac ;;
    'ledger backup') case "$2" in 0) : ;; *) _ampmeter_nothing ;; esac ;;
    'ledger prune') case "$2" in *) _ampmeter_nothing ;; esac ;;
    'ledger help') case "$2" in 0) _ampmeter_offer 'info' 'verify' 'backup' 'prune' ;; *) _ampmeter_nothing ;; esac ;;
    'emulator') case "$2" in *) _ampmeter_nothing ;; esac ;;
    'doctor') case "$2" in 0) _ampmeter_offer 'batch' 'resolve' 'meter' 'register' ;; *) _ampmeter_nothing ;; esac ;;
    'explain') case "$2" in 0) _ampmeter_ask explanations ;; *) _ampmeter_nothing ;; esac ;;
    'completion') case "$2" in 0) _ampmeter_offer 'bash' 'zsh' 'fish' ;; *) _ampmeter_nothing ;; esac ;;
    'help') case "$2" in *) _ampmeter_ask topics ;; esac ;;
    *) _ampmeter_nothing ;;
  esac
}

# Whether $2 is a command below the command $1.
_ampmeter_descends() {
  case "$1 $2" in
    ' batch' | \
    ' meter' | \
    ' resolve' | \
    ' register' | \
    ' history' | \
    ' gaps' | \
    ' report' | \
    ' reconcile' | \
    ' ledger' | \
    ' emulator' | \
    ' doctor' | \
    ' explain' | \
    ' completion' | \
    ' help' | \
    'ledger info' | \
    'ledger verify' | \
    'ledger backup' | \
    'ledger prune' | \
    'ledger help') return 0 ;;
  esac
  return 1
}

# Whether $1 is nothing but characters at which words are broken.
_ampmeter_is_break() {
  [[ -n $1 && -z ${1//[:=@]/} ]]
}

# Sets words: those of the line up to the cursor, as the tool would get them. Bash breaks --flag=value and arn:aws apart.
_ampmeter_words() {
  local rest=$COMP_LINE last=-1 word i
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if ((i > 0)) && [[ $rest != [[:space:]]* ]] &&
      { _ampmeter_is_break "$word" || _ampmeter_is_break "${COMP_WORDS[i-1]}"; }; then
      words[last]+=$word
    else
      last=$((last + 1))
      words[last]=$word
    fi
    [[ -z $word ]] || rest=${rest#*"$word"}
  done
}

# Sets lead: what of the word $1 stays, because readline breaks it; within quotes it does not.
_ampmeter_lead() {
  local tail=$1 mark
  case $1 in
    *[\"\']*) lead=${1%%[\"\']*} ;;
    *)
      for mark in : =; do
        if [[ $COMP_WORDBREAKS == *$mark* ]]; then tail=${tail##*$mark}; fi
      done
      # An @ goes with what follows it, which bash could take for a host.
      if [[ $COMP_WORDBREAKS == *@* && $tail == *@* ]]; then tail=@${tail##*@}; fi
      lead=${1%"$tail"}
      ;;
  esac
}

_ampmeter() {
  local -a words
  local cur before= lead= path= flag= word words_only= place=0 i
  COMPREPLY=()
  _ampmeter_words
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    word=${words[i]}
    if [[ -n $flag ]]; then flag=; continue; fi
    if [[ -n $words_only ]]; then place=$((place + 1)); continue; fi
    case $word in
      --) words_only=1 ;;
      -?*) if _ampmeter_takes_value "$path" "$word"; then flag=$word; fi ;;
      *)
        if ((place == 0)) && _ampmeter_descends "$path" "$word"; then
          path=${path:+$path }$word
        else
          place=$((place + 1))
        fi
        ;;
    esac
  done
  cur=${words[${#words[@]}-1]}
  _ampmeter_lead "$cur"
  if [[ -n $flag ]]; then
    _ampmeter_value "$path" "$flag"
  elif [[ -z $words_only && $cur == --*=* ]]; then
    flag=${cur%%=*} before=${cur%%=*}= cur=${cur#*=}
    _ampmeter_value "$path" "$flag"
  elif [[ -z $words_only && $cur == -* ]]; then
    _ampmeter_flags "$path"
  else
    _ampmeter_word "$path" "$place"
  fi
}

complete -o nosort -o default -F _ampmeter ampmeter 2> /dev/null || complete -o default -F _ampmeter ampmeter
