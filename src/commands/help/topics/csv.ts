import { grouped } from '../../../render/text/numbers.ts';
import { PROSE_WIDTH, wrap } from '../../../render/text/width.ts';
import { LIMITS } from '../../../usage/limits.ts';
import { COLUMN_NAMES, type ColumnName } from '../../../usage/row.ts';

const { quantity, tagKey, tagValue, tagKeysPerRecord, allocationsPerRecord } = LIMITS;

/** What each column contains. */
const COLUMNS: Readonly<Record<ColumnName, string>> = {
  timestamp:
    'when the usage happened: ISO 8601 with Z or an offset (2026-11-22T10:00:00Z), or seconds or milliseconds since 1970. --timestamp WHEN sets one for all rows, --timezone the zone of times without one.',
  customer_aws_account_id: `the buyer's AWS account, ${LIMITS.customerAWSAccountId.digits} digits`,
  license_arn: "the ARN of the buyer's license; required for products created since 2026-06-01",
  customer_identifier: 'replaces the two above in old integrations',
  product_code:
    'the code of the product, not its prod-… id; not needed with a license. --product-code CODE sets one for all rows.',
  dimension: "the dimension's API name; case matters",
  quantity: `a whole number from ${quantity.min} to ${grouped(quantity.max)}`,
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
    'In CSV output, a text that a spreadsheet would run as a formula (it begins with =, +, -, @, a tab or a line break) gets an apostrophe in front. Only the columns of the input itself stay unchanged in result and reject files.',
    'AWS bills by the hour: each time is rounded down to the start of its hour in UTC. Two rows of one customer, dimension and hour are an error, unless --merge sum adds them up.',
    'JSON Lines use the same names, or those of the API, as members. The format is detected by the ending of the file (.csv, .jsonl), or set with --input-format.',
    'If a row is invalid, nothing is sent; --skip-invalid sends the others. Rows that are not billed are written to <input>.rejected.csv with a reason (<input>.rejected.2.csv if that exists, stdin.rejected.csv next to the ledger for standard input). Correct them, and submit that file as it is.',
  ];
  return `A file has a header, and a row for each customer, dimension and hour:

  timestamp,customer_aws_account_id,license_arn,dimension,quantity
  2026-11-22T10:00:00Z,111122223333,arn:aws:license-manager::…,users,42

Columns:
${columns.join('')}
${rules.map(rule => `${wrap(rule, PROSE_WIDTH)}\n`).join('\n')}`;
};
