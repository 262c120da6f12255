import { grouped } from '../../../render/text/numbers.ts';
import { PROSE_WIDTH, wrap } from '../../../render/text/wrap.ts';
import { LIMITS } from '../../../usage/limits.ts';
import { COLUMN_NAMES, type ColumnName } from '../../../usage/row.ts';

const { quantity, tagKey, tagValue, tagKeysPerRecord, allocationsPerRecord } = LIMITS;

/** What stands in each column. */
const COLUMNS: Readonly<Record<ColumnName, string>> = {
  timestamp:
    'when the usage happened: ISO 8601 with Z or an offset (2026-11-22T10:00:00Z), or seconds or milliseconds since 1970. --timestamp WHEN gives one for all rows, --timezone a zone for times without one.',
  customer_aws_account_id: `the buyer's AWS account, ${LIMITS.customerAWSAccountId.digits} digits`,
  license_arn: "the ARN of the buyer's license; required for products created since 2026-06-01",
  customer_identifier: 'instead of the two above, for old integrations',
  product_code:
    'the code of the product, not its prod-… id; not needed with a license. --product-code CODE gives one for all rows.',
  dimension: "the dimension's API name; case matters",
  quantity: `a whole number from ${quantity.min} to ${grouped(quantity.max)}`,
  usage_allocations: `how the quantity is shared out, as JSON in the form of the API; up to ${grouped(allocationsPerRecord.max)} parts that add up to the quantity`,
};

const NAME_WIDTH = Math.max(...COLUMN_NAMES.map(name => name.length));

export const csvTopic = (): string => {
  const indent = ' '.repeat(NAME_WIDTH + 4);
  const columns = COLUMN_NAMES.map(
    name => `  ${name.padEnd(NAME_WIDTH)}  ${wrap(COLUMNS[name], PROSE_WIDTH - NAME_WIDTH - 4, indent)}\n`,
  );
  const rules = [
    `tag:<Key> columns share the quantity out by tags instead of usage_allocations: rows of one customer, dimension and hour that differ in their tags become one record. At most ${tagKeysPerRecord} different keys, of ${tagKey.maxLength} characters, with values of ${tagValue.maxLength}.`,
    'The columns stand in any order. Case, spaces, _ and - do not matter, so the names of the API are understood as well (CustomerAWSAccountId). --map column=Header takes a column from any header.',
    'Other columns are carried through to the files of results and rejects. One that looks like a misspelt known one is an error.',
    "Words that programs write for a missing value (NULL, None, NaN, NA, N/A, \\N, nil, undefined, #N/A and the like) are refused in every one of these columns: AWS would accept them as a tag or a name, and bill them for good. Leave the cell empty (pandas: na_rep=''). --allow-null-text accepts them as tags and names.",
    "In CSV that this tool prints or writes, a text that a spreadsheet would run as a formula (it begins with =, +, -, @, a tab or a line break) begins with an apostrophe. Only an input's own columns stay exactly as they were, in results and rejects.",
    'AWS bills by the hour: the time is cut to the start of its hour, UTC. Two rows of one customer, dimension and hour are an error, unless --merge sum adds them up.',
    'JSON Lines have the same names, or those of the API, as members. The ending of the file tells (.csv, .jsonl), or --input-format.',
    'Nothing is sent while a row is invalid; --skip-invalid sends the others. Rows that are not billed are written to <input>.rejected.csv with a reason (<input>.rejected.2.csv if that exists, stdin.rejected.csv beside the ledger for standard input): correct them, and submit that file as it is.',
  ];
  return `A file has a header, and a row for each customer, dimension and hour:

  timestamp,customer_aws_account_id,license_arn,dimension,quantity
  2026-11-22T10:00:00Z,111122223333,arn:aws:license-manager::…,users,42

Columns:
${columns.join('')}
${rules.map(rule => `${wrap(rule, PROSE_WIDTH)}\n`).join('\n')}`;
};
