import { exitCodesHelp } from '../../cli/exit-codes.ts';

/** What follows the flags in `ampmeter batch --help`. */
export const HELP = `
Columns (in any order; case, spaces, _ and - do not matter):
  timestamp                 ISO 8601 with zone, or a number since 1970
  customer_aws_account_id   the buyer's account, 12 digits
  license_arn               the buyer's license; required for products created
                            since 2026-06-01
  customer_identifier       instead of the two above, for old integrations
  product_code              not needed with a license
  dimension, quantity
  usage_allocations         JSON as in the API, or any number of columns
                            tag:<Key>
See ampmeter help csv.

Rows that are not billed:
  They are written to <input>.rejected.csv; those of standard input to
  stdin.rejected.csv next to the ledger. An existing file is never overwritten:
  the next one is <input>.rejected.2.csv. With a relative --timestamp they get a
  timestamp column with the hour that was meant, so that they can be submitted
  later.

Known problems:
  A problem is known when an earlier run with this ledger has shown it: the same
  row, not billed for the same reason. The summary counts known problems, and
  -o json and jsonl mark them with "known": true. With --known-problems ok they
  change neither the exit code nor the heartbeats. They are listed again once a
  day, and three hours before their hour closes. Unsent and unknown records are
  never known: the next run continues.

Dimensions that AWS does not list:
  --check-dimensions compares each name with the product's dimensions and with
  those of the buyer's own offer, letter by letter. With warn the row is sent
  all the same, with error it is invalid. The list is kept next to the ledger
  for six hours, and is read again before a fault is reported. If it cannot be
  read, the run continues without it, and no row is invalid for it. It needs the
  permissions of ampmeter subscribers. To leave it on, set
  AMPMETER_CHECK_DIMENSIONS.

With -q only errors are printed: no report, no warnings. If a run does not end
with exit code 0, the errors include what to do next: where the rejected rows
are, and which --timestamp to use when running it again.

Examples:
  ampmeter batch usage.csv
  ampmeter batch usage.csv --product-code 4ml54db8vrmjuykaw1psroool \\
    --timestamp -1h
  ampmeter batch examples/usage.csv --timestamp -1h --local
  ampmeter batch usage.csv --dry-run
  ampmeter batch usage.csv --round carry --late carry
  ampmeter batch usage.csv --check-dimensions=error --skip-invalid
  ampmeter batch
  ampmeter batch usage.csv --skip-invalid --known-problems ok -o jsonl \\
    --problems-only
  psql -c "copy (select ...) to stdout csv header" | ampmeter batch - -o jsonl

${exitCodesHelp([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130], {
  0: 'completed successfully: every record is billed',
})}`;
