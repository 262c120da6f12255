import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, withEmulator } from '../helpers/tool.ts';

const ONE = hourAgo(1);
const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const row = (dimension: string, quantity: string): string =>
  `${ONE.replace('T', ' ').replace('Z', ' UTC')},111122223333,exampleproduct,${dimension},${quantity}`;
const semicolons = (...rows: string[]): string => [HEADER, ...rows, ''].join('\n').replaceAll(',', ';');

const NOTICE = "usage.csv: the cells are separated by ';', as in the header; --delimiter ';' sets this";

describe('batch', () => {
  test('tells once which delimiter the header has, in JSON as a line, and nothing with -q or the flag', async () => {
    await withEmulator(async (_, env) => {
      const path = fileWith(semicolons(row('users', '10.0'), row('gb', '3.00')));
      const plain = await tool(['batch', path], { env });
      assert.equal(plain.code, 0, plain.stderr);
      assert.equal(plain.stderr.split(NOTICE).length, 2, plain.stderr);
      const json = await tool(['batch', path, '-o', 'json'], { env });
      const lines = json.stderr
        .trim()
        .split('\n')
        .map(line => JSON.parse(line));
      assert.ok(lines.some(({ type, message }) => type === 'notice' && message.endsWith(NOTICE)));
      for (const flags of [['-q'], ['--delimiter', ';']])
        assert.doesNotMatch((await tool(['batch', path, ...flags], { env })).stderr, /separated/);
    });
  });

  test('two spellings of one hour are one record', async () => {
    await withEmulator(async (_, env) => {
      const first = fileWith(`${HEADER}\n${row('users', '10.0')}\n`);
      const seconds = `${Date.parse(ONE) / 1000}.0`;
      const second = fileWith(`${HEADER}\n${seconds},111122223333,exampleproduct,users,10\n`);
      assert.equal((await tool(['batch', first], { env })).code, 0);
      const again = await tool(['batch', second, '-o', 'json'], { env });
      assert.equal(again.code, 0, again.stderr);
      assert.equal(JSON.parse(again.stdout).summary.requests, 0);
    });
  });

  test('gzip is read, and its rejects keep the delimiter of the input', async () => {
    await withEmulator(async (_, env) => {
      const path = fileWith(gzipSync(semicolons(row('users', '10'), row('gb', '1.5'))), 'usage.csv.gz');
      const { code, stderr } = await tool(['batch', path, '--skip-invalid'], { env });
      assert.equal(code, 4, stderr);
      const rejects = readFileSync(join(dirname(path), 'usage.rejected.csv'), 'utf8');
      assert.match(rejects, /^timestamp;customer_aws_account_id;.*;reason\n.*;gb;1\.5;invalid: /);
      assert.equal(rejects.trim().split('\n').length, 2);
    });
  });

  test('a request of the AWS CLI is read, and its rejects are JSON Lines that can be submitted', async () => {
    await withEmulator(async (_, env) => {
      const record = (Dimension: string, Quantity: number) => ({
        Timestamp: ONE,
        CustomerAWSAccountId: '111122223333',
        Dimension,
        Quantity,
      });
      const request = {
        UsageRecords: [record('users', 3), record('gb', 1.5)],
        ProductCode: 'exampleproduct',
      };
      const path = fileWith(JSON.stringify(request, undefined, 2), 'usage.json');
      const { code, stderr } = await tool(['batch', path, '--skip-invalid'], { env });
      assert.equal(code, 4, stderr);
      assert.match(stderr, /usage\.json:9: error: quantity must be a whole number/);
      const rejects = join(dirname(path), 'usage.rejected.jsonl');
      const fixed = readFileSync(rejects, 'utf8').replace('1.5', '2.0');
      assert.equal(JSON.parse(fixed).ProductCode, 'exampleproduct');
      const again = await tool(['batch', fileWith(fixed, 'usage.rejected.jsonl')], { env });
      assert.equal(again.code, 0, again.stderr);
    });
  });

  test('rows on one line of JSON are rows of their own: each is counted and written', async () => {
    await withEmulator(async (_, env) => {
      const record = (dimension: string, quantity: string): string =>
        `{"Timestamp":"${ONE}","CustomerAWSAccountId":"111122223333","Dimension":"${dimension}","Quantity":${quantity}}`;
      const records = [
        record('a', '1'),
        record('b', '[1]'),
        record('c', '[1]'),
        record('d', '1.5'),
        record('e', '"x"'),
        record('f', '2'),
        record('f', '3'),
      ];
      const path = fileWith(
        `{"ProductCode":"exampleproduct","UsageRecords":[${records.join(',')}]}`,
        'usage.json',
      );
      const results = join(dirname(path), 'results.jsonl');
      const flags = ['--skip-invalid', '--results', results, '-o', 'json'];
      const { code, stdout, stderr } = await tool(['batch', path, ...flags], { env });
      assert.equal(code, 4, stderr);
      const { rows, accepted, invalid } = JSON.parse(stdout).summary;
      assert.deepEqual({ rows, accepted, invalid }, { rows: 7, accepted: 1, invalid: 6 });
      const dimensionsIn = (file: string): string =>
        readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .map(line => JSON.parse(line).Dimension)
          .join('');
      assert.equal(dimensionsIn(results), 'abcdeff');
      assert.equal(dimensionsIn(join(dirname(path), 'usage.rejected.jsonl')), 'bcdeff');
    });
  });

  test('rejects and results of JSON keep the text of each value', async () => {
    await withEmulator(async (_, env) => {
      const last = `${Date.parse(ONE) / 1000 + 3599}999999999`;
      const record = (dimension: string, others: string): string =>
        `{"Timestamp":${last},"CustomerAWSAccountId":"111122223333","Dimension":"${dimension}",${others}}`;
      const list = '[ {"AllocatedUsageQuantity":2,\n"Tags":[{"Key":"k","Value":"a  b"}]}]';
      const records = [
        record('users', '"Quantity":3.000'),
        record(
          'gb',
          `"Quantity":1.5,"Price":1.10,"Id":12345678901234567890,"Note":"\\" : b","UsageAllocations":${list}`,
        ),
        record('gib', '"Quantitty":2'),
      ];
      for (const [name, text] of [
        ['usage.json', `{"ProductCode":"exampleproduct","UsageRecords":[${records.join(',\n  ')}]}`],
        [
          'usage.jsonl',
          records
            .map(text => text.replaceAll('\n', '').replace('{', '{"ProductCode":"exampleproduct",'))
            .join('\n'),
        ],
      ] as const) {
        const path = fileWith(text, name);
        const results = join(dirname(path), 'results.jsonl');
        const { code, stderr } = await tool(['batch', path, '--skip-invalid', '--results', results], { env });
        assert.equal(code, 4, stderr);
        const rejects = join(dirname(path), 'usage.rejected.jsonl');
        const lines = readFileSync(rejects, 'utf8').trim().split('\n');
        assert.equal(lines.length, 2);
        for (const written of [lines[0], readFileSync(results, 'utf8').split('\n')[1]]) {
          assert.ok(written?.includes(`"Timestamp":${last},`), written);
          assert.ok(written?.includes('"Price":1.10,"Id":12345678901234567890,"Note":"\\" : b",'), written);
          assert.ok(written?.includes('"Tags":[{"Key":"k","Value":"a  b"}]'), written);
        }
        const fixed = lines.join('\n').replace('1.5', '2').replace('Quantitty', 'Quantity');
        const again = fileWith(fixed, 'usage.rejected.jsonl');
        const { stdout } = await tool(['batch', again, '-o', 'jsonl'], { env });
        for (const line of stdout.trim().split('\n').slice(0, -1))
          assert.equal(JSON.parse(line).Timestamp ?? ONE, ONE, line);
        assert.match(stdout, /"(accepted|alreadyRecorded)":2/);
      }
    });
  });

  test("Excel's day numbers need their flag and a zone", async () => {
    await withEmulator(async (_, env) => {
      const days = (Date.parse(ONE) / 86_400_000 + 25_569).toFixed(10);
      const path = fileWith(`${HEADER}\n${days},111122223333,exampleproduct,users,1\n`);
      assert.match((await tool(['batch', path], { env })).stderr, /help: .*--timestamp-format excel/);
      const format = ['--timestamp-format', 'excel'];
      const without = await tool(['batch', path, ...format], { env });
      assert.deepEqual([without.code, /needs --timezone/.test(without.stderr)], [2, true], without.stderr);
      const right = await tool(['batch', path, ...format, '--timezone', 'UTC'], { env });
      assert.equal(right.code, 0, right.stderr);
      const both = await tool(['batch', path, ...format, '--timezone', 'UTC', '--timestamp', ONE], { env });
      assert.match(both.stderr, /--timestamp-format/);
    });
  });
});
