#!/bin/sh
# Bills the usage of the last 24 hours, closes hours without usage, and looks for buyers without any record. Run it every
# hour. It prints only what somebody must do something about, once: cron sends mail for nothing else.
#
#   hourly.sh /var/lib/usage/last-day.csv
#   hourly.sh /var/lib/usage/last-day.csv --map quantity=Total --timezone UTC
#
# What follows the file are flags of `ampmeter batch` for it. The script keeps its files, among them the rejected rows of
# each run, in $AMPMETER_STATE.
set -u
usage=$1
shift
cd "${AMPMETER_STATE:-/var/lib/ampmeter}" || exit 1

# Prints why a command failed, unless it failed the same way in the previous run. An outage is not printed: the next run
# continues (5, 8), and the watch of the crontab tells when no run has come to its end.
check() {
  case $2 in
    0 | 4 | 5 | 8) ;;
    *) [ "$2" = "$(cat "$1.code" 2> /dev/null)" ] || cat "$1.log" ;;
  esac
  echo "$2" > "$1.code"
}

# Prints what a run has said, if it has listed a problem: an invalid row, or a record that AWS or the ledger does not accept.
# What is unsent or unknown is sent by the next run.
send() {
  name=$1
  shift
  ampmeter batch "$@" --rejects "$name-rejected.csv" --wait 10m --skip-invalid --known-problems ok \
    > "$name.table" 2> "$name.log"
  code=$?
  fine='[0-9-] +[^ [:alnum:]]+ (accepted|already-recorded|unsent|unknown)( |$)'
  case $code in
    0 | 4 | 5)
      grep -v -E "$fine" "$name.table" > "$name.problems"
      grep -q -v '^RECORD ' "$name.problems" || : > "$name.problems"
      if [ -s "$name.problems" ] || grep -q -E ':[0-9]+: error: ' "$name.log"; then
        cat "$name.problems" "$name.log"
      fi
      ;;
  esac
  check "$name" "$code"
}

send usage "$usage" "$@" --heartbeat last-success.json --heartbeat-end last-end.json

# Hours that close within three hours get a 0. Hours with a row that is not billed are left out, whatever it is. While the
# export fails, nothing gets a 0: usage may still come, and a 0 is final.
sent=$code
fresh=$(find "$usage" -mmin -180 2> /dev/null)
echo "ampmeter: $usage is older than three hours" > export.log
check export "$([ -n "$fresh" ]; echo $?)"
case $sent in
  0 | 4 | 5)
    if [ -n "$fresh" ]; then
      ampmeter gaps --zero-fill zeros.csv --force > gaps.log 2>&1
      code=$?
      check gaps "$code"
      case $code in 0 | 4) send zeros zeros.csv ;; esac
    fi
    ;;
esac

# Buyers whose agreement has ended. Usage of their last hour is accepted for one more hour: the export must have it by then.
ampmeter subscribers --ended-since 1h -o csv > ended.new 2> ended.log
code=$?
check ended "$code"
if [ "$code" = 0 ]; then mv ended.new ended.csv; fi

# Buyers with an agreement of whom the ledger has nothing for a week: they are perhaps missing in the export.
buyers() {
  sed -n 's/.*"type":"gap".*"CustomerAWSAccountId":"\([^"]*\)".*"Dimension":"\([^"]*\)".*/\1 \2/p' | sort -u
}
ampmeter gaps --since -3h --until -1h -o jsonl 2> of-ledger.log | buyers > of-ledger
ampmeter gaps --agreements --since -3h --until -1h -o jsonl > agreed.jsonl 2> agreed.log
code=$?
check agreed "$code"
case $code in
  0 | 4)
    touch missing
    buyers < agreed.jsonl | comm -23 - of-ledger > missing.new
    comm -23 missing.new missing | sed 's/^/no usage was billed in the last week, but AWS lists an agreement: /'
    mv missing.new missing
    ;;
esac
