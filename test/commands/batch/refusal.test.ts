import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Flag, flagWords } from '../../../src/cli/shell-words.ts';
import { inputErrorOf } from '../../../src/commands/batch/refusal.ts';
import type { InputProblem } from '../../../src/input/problem.ts';
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
  const found = { ...NOTHING_FOUND, total: problems.length };
  return inputErrorOf({ rows: 0, found, unreadable, options: { files: ['usage.csv'] } }, repeat);
};

const repeat = (added: readonly Flag[]): string =>
  ['ampmeter batch usage.csv', ...flagWords(added)].join(' ');

const FIX_ALL =
  'fix the file as shown with each problem, then run the same command again; ampmeter help csv lists the columns';

const LICENSE =
  'for a product created since June 2026, add a column license_arn instead of --product-code (see ampmeter subscribers -o csv)';

describe('what is wrong with a file as a whole is said in the error that ends the run', () => {
  for (const [what, text, message, next] of [
    [
      'a missing column',
      `${HEADER.replace('dimension', 'meter')}\n${GOOD}\n`,
      'usage.csv: missing column dimension; nothing was sent',
      'if the columns mean this, run ampmeter batch usage.csv --map dimension=meter',
    ],
    [
      'a missing column, and another with a name that a shell would part',
      `${HEADER.replace('quantity', "Units' sum")}\n${GOOD}\n`,
      'usage.csv: missing column quantity; nothing was sent',
      `if the columns mean this, run ampmeter batch usage.csv --map 'quantity=Units'\\'' sum'`,
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
      'usage.csv: missing column customer_aws_account_id or customer_identifier; missing column dimension; missing column quantity; missing column product_code or license_arn; missing column timestamp; nothing was sent',
      FIX_ALL,
    ],
    [
      'all columns under other names',
      'ts,account,usage,metric\n1,2,3,4\n',
      'usage.csv: missing column customer_aws_account_id or customer_identifier; missing column dimension; missing column quantity; missing column product_code or license_arn; missing column timestamp; nothing was sent',
      `if the columns mean this, run ampmeter batch usage.csv --map customer_aws_account_id=account --map dimension=metric --map quantity=usage --product-code CODE --map timestamp=ts; replace CODE; ${LICENSE}`,
    ],
    [
      'a name that is clear, and others that are not',
      'product,account,usage,total,x,y\n1,2,3,4,5,6\n',
      'usage.csv: missing column customer_aws_account_id or customer_identifier; missing column dimension; missing column quantity; missing column product_code or license_arn; missing column timestamp; nothing was sent',
      'if the columns mean this, run ampmeter batch usage.csv --map customer_aws_account_id=account --map dimension=HEADER --map quantity=HEADER --map product_code=product --map timestamp=HEADER; replace HEADER',
    ],
    [
      'more than a sentence holds',
      `${HEADER},${HEADER},${HEADER}\n`,
      /^usage\.csv: 10 problems: (?:two columns for \w+: "\w+" and "\w+"; ){5}and 5 more; nothing was sent$/,
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
      if (typeof message === 'string') assert.equal(error.message, message);
      else assert.match(error.message, message);
      assert.deepEqual([error.exitCode, error.next], [3, next]);
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

const PROBLEM = {
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

const FILES = { files: ['a.csv', 'b.csv', 'c.csv'] };

test('columns are mapped in one command where all files miss the same', () => {
  const missing = { column: 'quantity', name: 'usage' } as const;
  const at = (file: string, more: object = { missing }) => ({ ...PROBLEM, file, ...more });
  const nextOf = (...unreadable: InputProblem[]) =>
    inputErrorOf({ rows: 0, found: NOTHING_FOUND, unreadable, options: FILES }, repeat).next ?? '';
  assert.match(nextOf(at('a.csv'), at('b.csv'), at('c.csv')), /batch usage\.csv --map quantity=usage$/);
  assert.doesNotMatch(nextOf(at('a.csv'), at('b.csv')), /usage/);
  assert.doesNotMatch(nextOf(at('a.csv'), at('b.csv'), at('c.csv', {})), /usage/);
  assert.doesNotMatch(nextOf(at('a.csv'), at('a.csv', {}), at('b.csv'), at('c.csv')), /usage/);
});

test('other files that cannot be read are counted, and rows that are invalid', () => {
  const found = { ...NOTHING_FOUND, total: 3, invalidRows: 1200 };
  const unreadable = [PROBLEM, { ...PROBLEM, file: 'b.csv' }, { ...PROBLEM, file: 'c.csv' }];
  assert.equal(
    inputErrorOf({ rows: 1201, found, unreadable, options: FILES }, repeat).message,
    'a.csv: missing column quantity, and 2 other files could not be read; nothing was sent',
  );
  const rows = inputErrorOf({ rows: 1201, found, unreadable: [], options: FILES }, repeat);
  assert.equal(rows.message, '1,200 rows are invalid; nothing was sent');
  assert.match(rows.next ?? '', /--skip-invalid/);
  const all = inputErrorOf({ rows: 1200, found, unreadable: [], options: FILES }, repeat);
  assert.equal(all.next, 'fix them as shown with each problem, then run the same command again');
});
