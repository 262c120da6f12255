import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inputErrorOf } from '../../../src/commands/batch/refusal.ts';
import { read } from '../../input/reading.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const GOOD = '2026-11-22T10:00:00Z,111122223333,p,users,1';

const NOTHING_FOUND = { problems: [], total: 0, invalidRows: 0, knownRows: 0 };

/** The error that ends an upload of this file. */
const refusal = async (text: string | Uint8Array) => {
  const { problems } = await read(text);
  const unreadable = problems
    .filter(({ endsFile }) => endsFile)
    .map(problem => ({ ...problem, file: 'usage.csv' }));
  assert.ok(unreadable.length > 0, 'the file can be read');
  return inputErrorOf({ rows: 0, found: { ...NOTHING_FOUND, total: problems.length }, unreadable });
};

const FIX_ALL =
  'fix the file as shown with each problem, then run the same command again; ampmeter help csv lists the columns';

describe('what is wrong with a file as a whole is said in the error that ends the run', () => {
  for (const [what, text, message, next] of [
    [
      'a missing column',
      `${HEADER.replace('dimension', 'meter')}\n${GOOD}\n`,
      'usage.csv: missing column dimension; nothing was sent',
      'add it, or if it has another name in the file, map it, for example --map dimension=meter; the columns are "timestamp", "customer_aws_account_id", "product_code", "meter", "quantity"',
    ],
    [
      'a missing column, and another with a name that a shell would part',
      `${HEADER.replace('quantity', "Units' sum")}\n${GOOD}\n`,
      'usage.csv: missing column quantity; nothing was sent',
      `add it, or if it has another name in the file, map it, for example --map quantity='Units'\\'' sum'; the columns are "timestamp", "customer_aws_account_id", "product_code", "dimension", "Units' sum"`,
    ],
    [
      'two missing columns',
      'timestamp,customer_aws_account_id,product_code\na,b,c\n',
      'usage.csv: missing column dimension; missing column quantity; nothing was sent',
      FIX_ALL,
    ],
    [
      'all columns missing',
      'a,b\n1,2\n',
      'usage.csv: missing column customer_aws_account_id or customer_identifier; missing column dimension; missing column quantity; 2 more problems; nothing was sent',
      FIX_ALL,
    ],
    [
      'hashes',
      `${HEADER}\n${GOOD}\n`.replaceAll(',', '#'),
      "usage.csv: the cells seem to be separated by '#'; nothing was sent",
      "use --delimiter '#'",
    ],
    [
      'spaces',
      `${HEADER}\n${GOOD}\n`.replaceAll(',', ' '),
      'usage.csv: the cells seem to be separated by a space; nothing was sent',
      "use --delimiter ' '",
    ],
    [
      'nothing in it',
      '',
      'usage.csv: the file is empty; nothing was sent',
      'export it again: the export may have failed',
    ],
    [
      'no rows',
      `${HEADER}\n`,
      'usage.csv: the file has a header and no rows; nothing was sent',
      'if there was no usage, use --allow-empty',
    ],
    [
      'a page instead of a download',
      '<html>',
      'usage.csv: the file is HTML or XML; nothing was sent',
      'download it again: this may be a log-in page',
    ],
    [
      'a quote in its header that is never closed',
      `${HEADER.replace('dim', '"dim')}\n${GOOD}\n`,
      'usage.csv: this quote is never closed; nothing was sent',
      'write a quote inside a quoted cell twice: ""',
    ],
  ] as const)
    test(what, async () => {
      const error = await refusal(text);
      assert.deepEqual([error.exitCode, error.message, error.next], [3, message, next]);
    });
});

describe('that the rest is not known is said where a file breaks off after rows, and nowhere else', () => {
  const CUT = /^fix that line, or export the file again; --skip-invalid does not help/;
  for (const [what, text, message] of [
    [
      'a quote that is never closed',
      `${HEADER}\n${GOOD}\n${GOOD.replace('users', '"users')}\n${GOOD}\n`,
      /^usage\.csv could not be read beyond line 3: this quote is never closed; nothing was sent$/,
    ],
    [
      'text after a closing quote',
      `${HEADER}\n${GOOD.replace('users', '"users"x')}\n`,
      /^usage\.csv could not be read beyond line 2: text after the closing quote/,
    ],
    [
      'a byte that is no text',
      Buffer.concat([Buffer.from(`${HEADER}\n${GOOD}\n`), Buffer.from([0xff])]),
      /^usage\.csv could not be read beyond line 3: /,
    ],
  ] as const)
    test(what, async () => {
      const { message: said, next } = await refusal(text);
      assert.match(said, message);
      assert.match(next ?? '', CUT);
    });
});

test('other files that cannot be read are counted, and rows that are invalid', () => {
  const problem = {
    file: 'a.csv',
    line: 1,
    severity: 'error',
    message: 'missing column quantity',
    help: undefined,
    raw: undefined,
    span: undefined,
    endsFile: true,
    breaksOff: false,
  } as const;
  const found = { ...NOTHING_FOUND, total: 3, invalidRows: 1200 };
  const unreadable = [problem, { ...problem, file: 'b.csv' }, { ...problem, file: 'c.csv' }];
  assert.equal(
    inputErrorOf({ rows: 1201, found, unreadable }).message,
    'a.csv: missing column quantity, and 2 other files could not be read; nothing was sent',
  );
  const rows = inputErrorOf({ rows: 1201, found, unreadable: [] });
  assert.equal(rows.message, '1,200 rows are invalid; nothing was sent');
  assert.match(rows.next ?? '', /--skip-invalid/);
  const all = inputErrorOf({ rows: 1200, found, unreadable: [] });
  assert.equal(all.next, 'fix them as shown with each problem, then run the same command again');
});
