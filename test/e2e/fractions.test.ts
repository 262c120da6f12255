import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileWith, hourAgo, tool, withEmulator } from '../helpers/tool.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const row = (hours: number, quantity: string): string =>
  `${hourAgo(hours)},111122223333,exampleproduct,gb,${quantity}`;
const csv = (...rows: string[]): string => `${[HEADER, ...rows].join('\n')}\n`;

type Line = { readonly type: string } & Readonly<Record<string, unknown>>;
const outcomesIn = (stdout: string): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line): Line => JSON.parse(line))
    .filter(({ type }) => type === 'outcome')
    .sort((a, b) => String(a['Timestamp']).localeCompare(String(b['Timestamp'])));

const quantities = (stdout: string): unknown[] => outcomesIn(stdout).map(line => line['Quantity']);

describe('batch --round', () => {
  test('without it, a fraction is an error whose help names a smaller unit first', async () => {
    const { code, stderr } = await tool(['batch', fileWith(csv(row(1, '1.7'))), '--local']);
    assert.equal(code, 3);
    assert.match(stderr, /a smaller unit as the dimension, or use --round up, down, nearest or carry/);
  });

  for (const [how, sent] of [
    ['up', [2, 1]],
    ['down', [1, 0]],
    ['nearest', [2, 1]],
    ['carry', [1, 1]],
  ] as const) {
    test(`${how} sends ${sent.join(' and ')} for 1.7 and 0.6`, async () => {
      const file = fileWith(csv(row(2, '1.7'), row(1, '0.6')));
      const { code, stdout, stderr } = await tool(['batch', file, '--local', '--round', how, '-o', 'jsonl']);
      assert.equal(code, 0, stderr);
      assert.deepEqual(quantities(stdout), sent);
      assert.deepEqual(
        outcomesIn(stdout).map(line => [line['used'], line['sent']]),
        [
          ['1.7', sent[0]],
          ['0.6', sent[1]],
        ],
      );
    });
  }

  test('adds the rows of a record up before it rounds', async () => {
    const file = fileWith(csv(row(1, '0.4'), row(1, '0.4'), row(1, '0.4')));
    const flags = ['--local', '--merge', 'sum', '--round', 'nearest', '-o', 'jsonl'];
    assert.deepEqual(quantities((await tool(['batch', file, ...flags])).stdout), [1]);
  });

  test('carry goes on in the next run, in the results and in the history', async () => {
    await withEmulator(async (_, env) => {
      const first = await tool(['batch', fileWith(csv(row(3, '1.7'))), '--round', 'carry'], { env });
      assert.equal(first.code, 0, first.stderr);
      const file = fileWith(csv(row(3, '1.7'), row(2, '0.6')));
      const results = join(dirname(file), 'results.csv');
      const second = await tool(['batch', file, '--round', 'carry', '--results', results], { env });
      assert.equal(second.code, 0, second.stderr);
      const [header = '', ...lines] = readFileSync(results, 'utf8').trim().split('\n');
      assert.match(header, /,reason,used,carried_in,sent$/);
      assert.match(lines[0] ?? '', /already-recorded,[^,]+,,1\.7,0,1$/);
      assert.match(lines[1] ?? '', /accepted,[^,]+,,0\.6,0\.7,1$/);
      const history = await tool(['history', '-o', 'csv'], { env });
      assert.match(history.stdout, /,gb,0\.6,.*,0\.7,1\n/);
    });
  });
});

describe('batch with an hour that has grown', () => {
  const grown = (path: string): void => writeFileSync(path, csv(row(3, '12'), row(2, '5')));

  test('shows both quantities, and writes a rejected row that cannot be submitted by mistake', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(row(3, '10')));
      assert.equal((await tool(['batch', file], { env })).code, 0);
      grown(file);
      const ended = await tool(['batch', file, '-o', 'jsonl'], { env });
      assert.equal(ended.code, 4, ended.stderr);
      const [conflict] = outcomesIn(ended.stdout);
      assert.deepEqual(
        [conflict?.['status'], conflict?.['billed'], conflict?.['reported'], conflict?.['difference']],
        ['conflict', '10', '12', '2'],
      );
      const rejects = file.replace('.csv', '.rejected.csv');
      const [header = '', line = ''] = readFileSync(rejects, 'utf8').trim().split('\n');
      assert.match(header, /,quantity,reason,billed,reported,difference$/);
      assert.match(line, /,gb,,.*,10,12,2$/);
      const again = await tool(['batch', rejects], { env });
      assert.equal(again.code, 3, again.stdout);
    });
  });

  test('--late carry bills the difference with another hour, once', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(row(3, '10')));
      assert.equal((await tool(['batch', file], { env })).code, 0);
      grown(file);
      const carry = ['batch', file, '--late', 'carry', '-o', 'jsonl'];
      const dry = await tool([...carry, '--dry-run'], { env });
      assert.equal(dry.code, 0, dry.stderr);
      const first = await tool(carry, { env });
      assert.equal(first.code, 0, first.stderr);
      assert.deepEqual(quantities(first.stdout), [10, 7]);
      const second = await tool(carry, { env });
      assert.equal(second.code, 0, second.stderr);
      assert.deepEqual(
        outcomesIn(second.stdout).map(line => [line['status'], line['used'], line['sent']]),
        [
          ['already-recorded', '12', 10],
          ['already-recorded', '5', 7],
        ],
      );
    });
  });
});
