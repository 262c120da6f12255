import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { type Ended, fileWith, hourAgo, hoursOf, withEmulator } from '../helpers/tool.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const BILLED = `${hourAgo(0)},111122223333,exampleproduct,users,1`;
const NOT_BILLED = `${hourAgo(2)},404404404404,exampleproduct,users,1`;
const TOO_OLD = `${hourAgo(30)},111122223333,exampleproduct,users,1`;
const INVALID = `${hourAgo(2)},111122223333,exampleproduct,users,x`;

const csv = (...rows: string[]): string => `${[HEADER, ...rows].join('\n')}\n`;

type Case = {
  readonly what: string;
  readonly rows: readonly string[];
  readonly flags?: readonly string[];
  readonly code: number;
  /** All of standard error, `FILE` for the input. */
  readonly pattern: RegExp;
};

const CASES: readonly Case[] = [
  { what: 'is billed', rows: [BILLED], code: 0, pattern: /^$/ },
  { what: 'is billed by a private emulator', rows: [BILLED], flags: ['--local'], code: 0, pattern: /^$/ },
  { what: 'would be billed', rows: [BILLED], flags: ['--dry-run'], code: 0, pattern: /^$/ },
  {
    what: 'is too old, in a dry run',
    rows: [TOO_OLD],
    flags: ['--dry-run'],
    code: 4,
    pattern: /^error: not all of the usage would be billed\n {2}next: {2}to see which [^\n]*-o json[^\n]*\n$/,
  },
  {
    what: 'is not billed, and nowhere kept',
    rows: [NOT_BILLED],
    flags: ['--no-rejects'],
    code: 4,
    pattern:
      /^error: 1 record is not billed: 1 not-subscribed\n {2}next: {2}to see which [^\n]*-o json[^\n]*\n$/,
  },
  {
    what: 'is not billed, and kept where rejects are kept',
    rows: [BILLED, NOT_BILLED, TOO_OLD],
    code: 4,
    pattern:
      /^error: 2 records are not billed: 1 not-subscribed, 1 expired\n {2}next: {2}see FILE\.rejected\.csv for each row with its reason\n$/,
  },
  {
    what: 'is invalid',
    rows: [BILLED, INVALID],
    code: 3,
    pattern:
      /^FILE\.csv:3:\d+: error: quantity must [^\n]+\n( [^\n]*\n|\d[^\n]*\n)+error: 1 row is invalid; nothing was sent\n {2}next: [^\n]*\n$/,
  },
  {
    what: 'is invalid, and left out',
    rows: [BILLED, INVALID],
    flags: ['--skip-invalid'],
    code: 4,
    pattern:
      /^FILE\.csv:3:\d+: error: quantity must [^\n]+\n( [^\n]*\n|\d[^\n]*\n)+error: 1 record is not billed: 1 invalid\n {2}next: {2}see FILE\.rejected\.csv for each row with its reason[^\n]*\n$/,
  },
  {
    what: 'is not billed, or is invalid and left out',
    rows: [NOT_BILLED, INVALID],
    flags: ['--skip-invalid', '--known-problems', 'ok'],
    code: 4,
    pattern:
      /^FILE\.csv:3:\d+: error: quantity [^\n]+\n( [^\n]*\n|\d[^\n]*\n)+error: 2 records are not billed: 1 not-subscribed, 1 invalid\n {2}FILE\.csv:2 [^\n]* 404404404404 users: [^\n]+ \(not-subscribed\)\n {2}next: {2}see FILE\.rejected\.csv[^\n]*\n$/,
  },
  {
    what: 'wrong flags',
    rows: [],
    flags: ['--timezone', 'Nowhere'],
    code: 2,
    pattern: /^error: --timezone: [^\n]*\n {2}next: [^\n]*\n$/,
  },
];

const saidOf = ({ stderr }: Ended, file: string): string =>
  stderr.replaceAll(file.replace(/\.csv$/, ''), 'FILE');

describe('batch -q says nothing but errors, where usage', () => {
  for (const { what, rows, flags = [], code, pattern } of CASES)
    test(what, () =>
      withEmulator(async (_, env) => {
        const file = fileWith(csv(...rows));
        const ended = await tool(['batch', file, '-q', ...flags], { env });
        assert.equal(ended.code, code, ended.stderr);
        assert.equal(ended.stdout, '');
        assert.match(saidOf(ended, file), pattern);
      }),
    );

  test('is to be run again for the hour that was meant', () =>
    withEmulator(async (_, env) => {
      const untimed = csv(NOT_BILLED).replaceAll(/^[^,]*,/gm, '');
      const file = fileWith(untimed);
      const [ended, hours] = await hoursOf(2, () =>
        tool(['batch', file, '-q', '--timestamp', '-2h'], { env }),
      );
      assert.equal(ended.code, 4);
      assert.match(
        saidOf(ended, file),
        new RegExp(
          `^error: 1 record is not billed: [^\n]*\n[^\n]*\nto run this again[^\n]* use --timestamp (${hours.join('|')}) [^\n]*\n$`,
        ),
      );
    }));

  test('is not sent, and nothing else tells it', () =>
    withEmulator(async (emulator, env) => {
      emulator.setFaults({ faults: ['unprocessed:1'] });
      const file = fileWith(csv(BILLED));
      const { code, stderr } = await tool(['batch', file, '-q', '--give-up-after', '1s'], { env });
      assert.equal(code, 5);
      assert.match(
        stderr,
        /^error: 1 record is not billed: 1 unsent\n {2}next: {2}run the same command again\n$/,
      );
    }));

  test('may be billed, and CloudTrail has to tell', () =>
    withEmulator(async (emulator, env) => {
      const others = fileWith(csv(BILLED.replace(/1$/, '101')));
      assert.equal((await tool(['batch', others, '-q', '--no-ledger'], { env })).code, 0);
      emulator.setFaults({ next: 'reset-before' });
      const { code, stderr } = await tool(['batch', fileWith(csv(BILLED)), '-q'], { env });
      assert.equal(code, 4, stderr);
      assert.match(
        stderr,
        /^warning: 1 record may or may not be billed[^\n]*ampmeter reconcile --settle[^\n]*\n$/,
      );
    }));

  test('has a license that looks unusual', () =>
    withEmulator(async (_, env) => {
      const file = fileWith(
        `timestamp,customer_aws_account_id,license_arn,dimension,quantity\n${hourAgo(2)},111122223333,arn:aws:license-manager::123456789012:license/lic-EXAMPLE12345,users,1\n`,
      );
      const plain = await tool(['batch', file, '--dry-run'], { env });
      assert.match(plain.stderr, /warning: license ARN has an unusual form/);
      for (const format of ['table', 'json', 'jsonl'])
        assert.equal(
          (await tool(['batch', file, '--dry-run', '-q', '-o', format], { env })).stderr,
          '',
          format,
        );
    }));
});

describe('batch -q prints the format that is asked for', () => {
  for (const format of ['json', 'jsonl'])
    for (const flags of [[], ['--dry-run']])
      test(`${format} ${flags.join('')}`, () =>
        withEmulator(async (_, env) => {
          const ended = await tool(['batch', fileWith(csv(BILLED)), '-q', '-o', format, ...flags], { env });
          assert.deepEqual([ended.code, ended.stderr], [0, '']);
          const last = format === 'json' ? ended.stdout : (ended.stdout.trimEnd().split('\n').at(-1) ?? '');
          const { summary, ...line } = JSON.parse(last);
          assert.equal((summary ?? line).records, 1);
        }));

  test('and with --show-request the requests', () =>
    withEmulator(async (_, env) => {
      const ended = await tool(['batch', fileWith(csv(BILLED)), '-q', '--show-request'], { env });
      assert.deepEqual([ended.code, ended.stderr], [0, '']);
      assert.match(ended.stdout, /^curl [^\n]*\n$/);
    }));
});
