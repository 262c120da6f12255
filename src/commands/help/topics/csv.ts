import { grouped } from '../../../render/text/numbers.ts';
import { PROSE_WIDTH, wrap } from '../../../render/text/width.ts';
import { LIMITS } from '../../../usage/limits.ts';
import { COLUMN_NAMES, type ColumnName } from '../../../usage/row.ts';

const { quantity, tagKey, tagValue, tagKeysPerRecord, allocationsPerRecord } = LIMITS;

/** What each column contains. */
const COLUMNS: Readonly<Record<ColumnName, string>> = {
  timestamp:
    'when the usage happened: ISO 8601 with Z or an offset (2026-11-22T10:00:00Z), or a number since 1970; see below. --timestamp WHEN sets one for all rows, --timezone the zone of times without one.',
  customer_aws_account_id: `the buyer's AWS account, ${LIMITS.customerAWSAccountId.digits} digits`,
  license_arn: "the ARN of the buyer's license; required for products created since 2026-06-01",
  customer_identifier: 'replaces the two above in old integrations',
  product_code:
    'the code of the product, not its prod-… id; not needed with a license. --product-code CODE sets one for all rows.',
  dimension: "the dimension's API name; case matters",
  quantity: `a whole number from ${quantity.min} to ${grouped(quantity.max)}, without thousands separators; 10.0 is whole. Fractions need --round: see ampmeter help fractions.`,
  usage_allocations: `how the quantity is allocated, as JSON in the format of the API; up to ${grouped(allocationsPerRecord.max)} parts that add up to the quantity`,
};

const NAME_WIDTH = Math.max(...COLUMN_NAMES.map(name => name.length));

export const csvTopic = (): string => {
  const indent = ' '.repeat(NAME_WIDTH + 4);
  const columns = COLUMN_NAMES.map(
    name => `  ${name.padEnd(NAME_WIDTH)}  ${wrap(COLUMNS[name], PROSE_WIDTH - NAME_WIDTH - 4, indent)}\n`,
  );
  const rules = [
    `tag:<Key> columns allocate the quantity by tags instead of usage_allocations: rows of one customer, dimension and hour with different tags become one record. At most ${tagKeysPerRecord} different keys, of up to ${tagKey.maxLength} characters, with values of up to ${tagValue.maxLength}.`,
    'The columns can be in any order. Case, spaces, _ and - do not matter, so the names of the API (CustomerAWSAccountId) work as well. --map column=Header reads a column from any header.',
    'Other columns are copied to the result and reject files. A column that looks like a misspelling of a known one is an error.',
    "Words that programs write for a missing value (NULL, None, NaN, NA, N/A, \\N, nil, undefined, #N/A and similar) are invalid in all of these columns: AWS would accept them as a tag or a name, and bill them permanently. Leave the cell empty (pandas: na_rep=''). --allow-null-text accepts them as tags and names.",
    'In CSV output, text that a spreadsheet would run as a formula gets an apostrophe in front. Such text begins with =, +, -, @, a tab or a line break, and is not a number. Only the columns of the input itself stay unchanged in result and reject files.',
    'AWS bills by the hour: each time is rounded down to the start of its hour in UTC. Two rows of one customer, dimension and hour are an error, unless --merge sum adds them up.',
    'Times are read as databases and languages write them: 2026-11-22 10:00:00 UTC, with an offset or Z after a blank, +0000 UTC (Go), Z[UTC] (Java), 20261122T100000Z, Sun, 22 Nov 2026 10:00:00 +0000, and seconds, milliseconds, microseconds or nanoseconds since 1970 (10, 13, 16 or 19 digits). What could mean two times is an error: day and month in numbers, years of two digits, names of time zones, and local times without --timezone.',
    "--timestamp-format excel reads the column as Excel's day numbers (1900 system), as local times in --timezone. Seconds need five decimals: format the column as a number with 10.",
    "If --delimiter is not used, cells are separated as in the header: by commas, semicolons, tabs or bars, whichever finds known columns. Excel's line sep=; above the header is skipped if it says the same. A first column without a name may number the rows, as pandas writes it.",
    'JSON Lines use the same names, or those of the API, as members. JSON has records in a list, or requests as for the AWS CLI: {"ProductCode": …, "UsageRecords": […]}, one or several. Its results and rejects are written as JSON Lines. The format is detected by the ending of the file (.csv, .jsonl, .json), or set with --input-format. Files compressed with gzip are unpacked.',
    'If a row is invalid, nothing is sent; --skip-invalid sends the others. Rows that are not billed are written to <input>.rejected.csv with a reason (.tsv and .jsonl for such inputs, <input>.rejected.2.csv if that exists, stdin.rejected.csv next to the ledger for standard input). Fix them, and submit that file with the same --map, --product-code and --timezone, if there were any.',
  ];
  return `A file has a header, and a row for each customer, dimension and hour:

  timestamp,customer_aws_account_id,license_arn,dimension,quantity
  2026-11-22T10:00:00Z,111122223333,arn:aws:license-manager::…,users,42

Columns:
${columns.join('')}
${rules.map(rule => `${wrap(rule, PROSE_WIDTH)}\n`).join('\n')}`;
};
