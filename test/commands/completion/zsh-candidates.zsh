# Prints what zsh offers for each command line in the arguments: a candidate a line, then an empty line.
#   zsh -f zsh-candidates.zsh COMPLETION_FILE LINE...
zmodload zsh/zpty || exit 3
completion=$1
shift
found=$(mktemp) setup=$(mktemp)
trap 'rm -f $found $setup' EXIT

# In the shell that is asked, compadd also says what it offers.
cat > $setup <<'END'
PROMPT= RPROMPT=
unsetopt auto_list auto_menu beep
autoload -Uz compinit && compinit -u -D
zstyle ':completion:*' completer _complete
source $COMPLETION
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) && print -rl -- "${(@)hits}" >> $FOUND
  builtin compadd "$@"
}
# zsh forgets the functions to be called after a completion each time.
said() {
  comppostfuncs=(said)
  print -r -- '<said>'
}
comppostfuncs=(said)
bindkey '^I' complete-word
bindkey '^U' kill-whole-line
print -r -- '<ready>'
END

export FOUND=$found COMPLETION=$completion
zpty asked zsh -f -i
zpty -w asked "source $setup"
zpty -r asked answer '*<ready>*' || exit 4
for line; do
  : > $found
  zpty -w -n asked $'\x15'"$line"$'\t'
  zpty -r asked answer '*<said>*' || exit 5
  cat $found
  print
done
zpty -d asked
