import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const GOOD = `${hourAgo(1)},111122223333,exampleproduct,users,5`;
const FUTURE = new Date(Date.now() + 2 * 3_600_000).toISOString();
const LICENSE = 'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef';

const file = (...lines: string[]): string => `${lines.join('\n')}\n`;
const withCell = (name: string, value: string): string => {
  const cells = GOOD.split(',');
  cells[HEADER.split(',').indexOf(name)] = /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  return file(HEADER, cells.join(','));
};
const utf16 = (text: string): Uint8Array =>
  Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);

type Case = { what: string; content: string | Uint8Array; pattern: RegExp; place?: RegExp; flags?: string[] };

/** What is refused: exit code 3, nothing sent, and a text that names the place and the remedy. */
const REFUSED: Case[] = [
  {
    what: 'a missing column',
    content: file('timestamp,customer_aws_account_id,product_code,quantity', 'x,x,x,1'),
    pattern: /dimension/,
  },
  {
    what: 'a misspelled column',
    content: file(HEADER.replace('quantity', 'quantitty'), GOOD),
    pattern: /did you mean quantity/i,
  },
  { what: 'an empty file', content: '', pattern: /empty/ },
  { what: 'a header and no rows', content: file(HEADER), pattern: /--allow-empty/ },
  {
    what: 'an unclosed quote',
    content: file(HEADER, GOOD, `${hourAgo(1)},"111122223333,p,users,5`, GOOD),
    pattern: /quote/,
    place: /:3:/,
  },
  { what: 'a ragged row', content: file(HEADER, GOOD, 'a,b'), pattern: /cells/, place: /:3/ },
  {
    what: 'a duplicate header',
    content: file(`${HEADER},Quantity`, `${GOOD},5`),
    pattern: /twice|both|two columns/i,
  },
  { what: 'NUL bytes', content: file(HEADER, `${GOOD}\0`), pattern: /NUL/ },
  {
    what: 'a zip renamed to csv',
    content: Buffer.from('PK\u0003\u0004\u0014\u0000'),
    pattern: /zip|xlsx|Excel/i,
  },
  {
    what: 'an account id of 11 digits',
    content: withCell('customer_aws_account_id', '12345678901'),
    pattern: /012345678901/,
    place: /:2:/,
  },
  {
    what: "a spreadsheet's account id",
    content: withCell('customer_aws_account_id', '1.23457E+11'),
    pattern: /Excel/,
    place: /:2:/,
  },
  { what: 'a fraction', content: withCell('quantity', '1.5'), pattern: /whole/, place: /:2:/ },
  {
    what: 'a negative quantity',
    content: withCell('quantity', '-1'),
    pattern: /whole number, 0 or more/,
    place: /:2:/,
  },
  {
    what: 'a quantity with an exponent',
    content: withCell('quantity', '1e3'),
    pattern: /spreadsheet/,
    place: /:2:/,
  },
  {
    what: 'a thousands separator',
    content: withCell('quantity', '1,200'),
    pattern: /thousands/,
    place: /:2:/,
  },
  {
    what: 'a quantity over the limit',
    content: withCell('quantity', '2147483648'),
    pattern: /at most 2147483647/,
    place: /:2:/,
  },
  { what: 'an empty quantity', content: withCell('quantity', ''), pattern: /write 0/, place: /:2:/ },
  {
    what: 'a time without zone',
    content: withCell('timestamp', '2026-11-22T10:00:00'),
    pattern: /--timezone/,
    place: /:2:1:/,
  },
  {
    what: '30 February',
    content: withCell('timestamp', '2026-02-30T10:00:00Z'),
    pattern: /does not exist/,
    place: /:2:1:/,
  },
  { what: 'a future hour', content: withCell('timestamp', FUTURE), pattern: /future/, place: /:2:1:/ },
  {
    what: 'a time that would mean another hour next time',
    content: withCell('timestamp', 'now'),
    pattern: /--timestamp now/,
  },
  {
    what: 'both customer identities in a row',
    content: file(`${HEADER},customer_identifier`, `${GOOD},legacy1`),
    pattern: /account id and a customer identifier/,
  },
  {
    what: 'a licence without an account',
    content: file(`${HEADER},license_arn`, `${GOOD.replace('111122223333', '')},${LICENSE}`),
    pattern: /account id of its buyer/,
  },
  {
    what: 'one account, dimension and hour with a licence and with a product code',
    content: file(`${HEADER},license_arn`, `${GOOD},`, `${GOOD},${LICENSE}`),
    pattern: /AWS would bill both.*line [23]/s,
  },
  { what: 'two rows of one key', content: file(HEADER, GOOD, GOOD), pattern: /--merge sum/ },
  {
    what: 'a sum over the limit',
    content: file(HEADER, GOOD.replace(/5$/, '2147483647'), GOOD),
    pattern: /add up to 2147483652/,
    flags: ['--merge', 'sum'],
  },
  {
    what: 'Latin-1',
    content: Buffer.concat([Buffer.from(`${HEADER},note\n${GOOD},caf`), Buffer.from([0xe9, 0x0a])]),
    pattern: /UTF-8/,
  },
  {
    what: 'hashes between cells',
    content: file(HEADER.replaceAll(',', '#'), GOOD.replaceAll(',', '#')),
    pattern: /--delimiter/,
  },
  { what: 'a row of nothing but commas', content: file(HEADER, GOOD, ',,,,'), pattern: /empty/, place: /:3/ },
];

describe('input that is refused', () => {
  for (const { what, content, pattern, place, flags = [] } of REFUSED) {
    test(`${what}: exit code 3, nothing sent, the place and the remedy named`, async () => {
      await withEmulator(async (emulator, env) => {
        const path = fileWith(content);
        const ended = await tool(['batch', path, ...flags], { env });
        assert.equal(ended.code, 3, ended.stdout + ended.stderr);
        assert.match(ended.stderr, pattern);
        assert.ok(ended.stderr.includes(`${path}:`), ended.stderr);
        if (place !== undefined) assert.match(ended.stderr, place);
        assert.match(ended.stderr, /nothing was sent/);
        assert.doesNotMatch(ended.stderr, /\n +at /);
        assert.equal(emulator.records().length, 0);
        assert.deepEqual(emulator.stats().requests ?? 0, 0);
      });
    });
  }

  test('every problem of every row is listed, each with a caret under its cell', async () => {
    const bad = file(HEADER, GOOD.replace(/5$/, '1.5'), GOOD, `yesterday,12,exampleproduct,users,x`);
    const ended = await tool(['batch', fileWith(bad), '--local'], {});
    assert.equal(ended.code, 3);
    assert.equal(ended.stderr.match(/: error: /g)?.length, 4, ended.stderr);
    assert.match(ended.stderr, /\n +\| +\^\^\^\n/);
  });

  test('-o json gives the problems with their places', async () => {
    const ended = await tool(['batch', fileWith(withCell('quantity', '1.5')), '-o', 'json', '--local']);
    assert.equal(ended.code, 3);
    const { summary, problems } = JSON.parse(ended.stdout);
    assert.deepEqual([summary.invalid, summary.accepted], [1, 0]);
    const [{ line, status, reason }] = problems;
    assert.deepEqual([line, status], [2, 'invalid']);
    assert.match(reason, /whole number/);
    const [notice, error] = ended.stderr
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    assert.deepEqual([notice.type, error.type, error.exitCode], ['notice', 'error', 3]);
  });

  test('files that cannot be read', async () => {
    const missing = join(newFolder(), 'no such file.csv');
    const directory = newFolder();
    for (const [path, pattern] of [
      [missing, /no such file/],
      [directory, /is a directory/],
      ['/dev/zero', /is a device/],
    ] as const) {
      const ended = await tool(['batch', path, '--local']);
      assert.equal(ended.code, 3, ended.stderr);
      assert.match(ended.stderr, pattern);
    }
  });

  test('a file without permission', async context => {
    if (process.getuid?.() === 0) return context.skip('root may read every file');
    const path = fileWith(file(HEADER, GOOD));
    chmodSync(path, 0);
    const ended = await tool(['batch', path, '--local']);
    assert.equal(ended.code, 3);
    assert.match(ended.stderr, /permission denied/);
  });

  test('a control sequence from the file does not reach the terminal', async () => {
    const ended = await tool(['batch', fileWith(withCell('quantity', '\u001b]0;owned\u0007')), '--local']);
    assert.equal(ended.code, 3);
    assert.doesNotMatch(ended.stderr + ended.stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    assert.match(ended.stderr, /\\x1b/);
  });
});

/** What looks odd and is fine: exit code 0, and the quantity arrives. */
const ACCEPTED: { what: string; content: string | Uint8Array; flags?: string[] }[] = [
  { what: 'a byte order mark', content: `\ufeff${file(HEADER, GOOD)}` },
  { what: 'UTF-16', content: utf16(file(HEADER, GOOD)) },
  { what: 'CRLF', content: file(HEADER, GOOD).replaceAll('\n', '\r\n') },
  { what: 'no line break at the end', content: file(HEADER, GOOD).trimEnd() },
  { what: 'quoted line breaks', content: file(`${HEADER},note`, `${GOOD},"two\nlines"`) },
  { what: 'blank lines', content: file('', HEADER, '', GOOD, '', '') },
  {
    what: "the API's own spelling",
    content: file('Timestamp,CustomerAWSAccountId,ProductCode,Dimension,Quantity', GOOD),
  },
  { what: 'other columns', content: file(`${HEADER},__proto__,note`, `${GOOD},x,y`) },
  {
    what: 'semicolons that are announced',
    content: file(HEADER, GOOD).replaceAll(',', ';'),
    flags: ['--delimiter', ';'],
  },
  {
    what: 'a column under another name',
    content: file(HEADER.replace('quantity', 'units'), GOOD),
    flags: ['--map', 'quantity=units'],
  },
  {
    what: 'rows that add up',
    content: file(HEADER, GOOD.replace(/5$/, '2'), GOOD.replace(/5$/, '3')),
    flags: ['--merge', 'sum'],
  },
  {
    what: 'bad rows that are to be skipped',
    content: file(HEADER, GOOD, 'x,x,x,x,x'),
    flags: ['--skip-invalid'],
  },
];

describe('input that looks odd and is fine', () => {
  for (const { what, content, flags = [] } of ACCEPTED) {
    test(what, async () => {
      await withEmulator(async (emulator, env) => {
        const ended = await tool(['batch', fileWith(content), ...flags], { env });
        assert.equal(ended.code, flags.includes('--skip-invalid') ? 4 : 0, ended.stderr);
        assert.deepEqual(
          emulator.records().map(record => record.Quantity),
          [5],
        );
      });
    });
  }

  test('a header and no rows, when that is allowed', async () => {
    const ended = await tool(['batch', fileWith(file(HEADER)), '--allow-empty', '--local']);
    assert.equal(ended.code, 0, ended.stderr);
  });
});

test('a stream that may have broken off within its last number is told', async () => {
  const text = `${HEADER}\n${GOOD}12345`;
  const INPUTS: readonly (readonly [input: string | Uint8Array, isTold: boolean])[] = [
    [text, true],
    [utf16(text), true],
    [`${text}\n`, false],
    [`${text}\r\n`, false],
    [utf16(`${text}\n`), false],
    [gzipSync(text), false],
  ];
  for (const [input, isTold] of INPUTS) {
    const { code, stderr } = await tool(['batch', '-', '--local'], { input });
    assert.equal(code, 0, stderr);
    assert.equal(/<stdin> does not end with a line break/.test(stderr), isTold, stderr);
  }
});
