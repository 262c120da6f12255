import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SHIFTS_CLOCK, toolHere as tool } from '../helpers/in-process.ts';
import { clock, environmentOf, fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';
import { startTable } from '../ledger/table/setup.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const row = (hours: number, quantity: string, dimension = 'gb'): string =>
  `${hourAgo(hours)},111122223333,exampleproduct,${dimension},${quantity}`;
const csv = (...rows: string[]): string => `${[HEADER, ...rows].join('\n')}\n`;

const member = (quantity: string): string =>
  `{"Timestamp":"${hourAgo(2)}","CustomerAWSAccountId":"111122223333","ProductCode":"exampleproduct","Dimension":"gb",${quantity}}`;

describe('no part of an hour is billed while another row of it cannot be read', () => {
  const swapped = 'timestamp,customer_aws_account_id,product_code,quantity,dimension';
  const INPUTS: readonly (readonly [what: string, name: string, text: string])[] = [
    ['has a cell too many at its end', 'usage.csv', csv(row(2, '5'), row(2, '6,7'))],
    [
      'has a cell too many in its middle',
      'usage.csv',
      [swapped, '5,gb', '1,200,gb']
        .map((cells, at) => (at === 0 ? cells : `${hourAgo(2)},111122223333,exampleproduct,${cells}`))
        .join('\n'),
    ],
    ['breaks off', 'usage.csv', csv(row(2, '5'), row(2, '6').replace(/,6$/, ''))],
    [
      'has a tag with a comma',
      'usage.csv',
      csv(row(2, '5,IT'), row(2, '6,Sales, EMEA'), row(2, '7,HR')).replace('quantity', 'quantity,tag:Dept'),
    ],
    [
      'has a quote in a cell',
      'usage.csv',
      csv(row(2, '5,'), row(2, '6,3" pipe')).replace('quantity', 'quantity,note'),
    ],
    ['has a space after its dimension', 'usage.csv', csv(row(2, '5'), row(2, '6', 'gb '))],
    [
      'has its account as a formula',
      'usage.csv',
      csv(row(2, '5'), row(2, '6')).replace(/1{4}2{4}3{4}(?=[^,]*,[^,]*,gb,6)/, '="111122223333"'),
    ],
    ['has NaN in its JSON', 'usage.jsonl', `${member('"Quantity":5')}\n${member('"Quantity":NaN')}\n`],
    ['is half a line of JSON', 'usage.jsonl', `${member('"Quantity":5')}\n${member('"Quan')}`.slice(0, -1)],
    [
      'has two quantities',
      'usage.jsonl',
      `${member('"Quantity":5')}\n${member('"Quantity":6,"quantity":7')}\n`,
    ],
  ];
  for (const [what, name, text] of INPUTS) {
    test(`the row ${what}`, async () => {
      await withEmulator(async (emulator, env) => {
        const file = join(newFolder(), name);
        writeFileSync(file, text);
        const ended = await tool(['batch', file, '--skip-invalid', '--merge', 'sum'], { env });
        assert.equal(ended.code, 4, ended.stderr);
        assert.match(ended.stderr, /line \d of the same customer, dimension and hour is invalid/);
        assert.deepEqual(emulator.records(), []);
        const rejects = file.replace('usage.', 'usage.rejected.');
        const again = await tool(['batch', rejects, '--skip-invalid', '--merge', 'sum'], { env });
        assert.equal(again.code, 4, again.stderr);
        assert.deepEqual(emulator.records(), [], 'submitted as they are');
      });
    });
  }

  const ARN = 'arn:aws:license-manager::123456789012:license:l-1';
  for (const [license, product] of [
    ['NULL', 'p'],
    ['arn:aws:license', 'p'],
    ['', ''],
    ['', 'a b'],
  ]) {
    test(`the license is ${license || 'empty'}, the product ${product || 'empty'}`, async () => {
      await withEmulator(async (emulator, env) => {
        const named = (offering: string, quantity: number, dimension = 'gb') =>
          `${hourAgo(2)},111122223333,${offering},${dimension},${quantity}`;
        const rows = [named(`${ARN},p`, 5), named(`${license},${product}`, 6), named(`${ARN},p`, 1, 'api')];
        const header = HEADER.replace('product_code', 'license_arn,product_code');
        const file = fileWith(`${[header, ...rows].join('\n')}\n`);
        const ended = await tool(['batch', file, '--skip-invalid'], { env });
        assert.equal(ended.code, 4, ended.stderr);
        assert.match(ended.stderr, /:2: error: line 3 of the same customer, dimension and hour is invalid/);
        assert.deepEqual(
          emulator.records().map(({ Dimension }) => Dimension),
          ['api'],
        );
      });
    });
  }

  test('rows of an hour that is billed stay what they are', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(row(2, '5')));
      assert.equal((await tool(['batch', file], { env })).code, 0);
      for (const bad of ['6,7', 'x']) {
        writeFileSync(file, csv(row(2, '5'), row(2, bad)));
        const ended = await tool(['batch', file, '--skip-invalid', '--merge', 'sum', '-o', 'json'], { env });
        const { summary } = JSON.parse(ended.stdout);
        assert.deepEqual([ended.code, summary.alreadyRecorded, summary.invalid], [4, 1, 1]);
      }
    });
  });

  test('other hours, customers and dimensions are billed', async () => {
    await withEmulator(async (emulator, env) => {
      const file = fileWith(csv(row(2, '5', 'api'), row(3, '5'), row(2, '6,7')));
      const ended = await tool(['batch', file, '--skip-invalid'], { env });
      assert.equal(ended.code, 4, ended.stderr);
      assert.equal(emulator.records().length, 2);
    });
  });

  test('no zero closes the hour of such a row', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(row(4, '5'), row(3, '5'), row(2, '6,7')));
      assert.equal((await tool(['batch', file, '--skip-invalid'], { env })).code, 4);
      const since = ['--since', hourAgo(4), '--until', hourAgo(1), '--within', '24h'];
      const ended = await tool(['gaps', ...since, '--zero-fill', '-'], { env });
      assert.ok(!ended.stdout.includes(hourAgo(2)), ended.stdout);
    });
  });
});

describe('what an earlier run left open is not sent while a row of its hour is invalid', () => {
  /** AWS refuses the call, so that nothing is sent. */
  const REFUSED = { AWS_SECRET_ACCESS_KEY: 'wrong' };
  for (const where of ['a file', 'a table'] as const) {
    for (const bad of ['x', '6,7']) {
      test(`in ${where}, with the quantity ${bad}`, async () => {
        await using dynamo = await startTable();
        await withEmulator(async emulator => {
          const env = {
            ...environmentOf(emulator),
            ...(where === 'a table' && {
              AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
              AMPMETER_LEDGER: 'dynamodb://ledger',
            }),
          };
          const batch = (...args: readonly string[]) => tool(['batch', ...args], { env });
          const first = fileWith(csv(row(2, '5')));
          const left = await tool(['batch', first], { env: { ...env, ...REFUSED } });
          assert.equal(left.code, 6, left.stderr);
          const second = fileWith(csv(row(2, bad), row(2, '1', 'api')));
          assert.equal((await batch(second, '--skip-invalid')).code, 4);
          assert.equal((await batch()).code, 0);
          assert.deepEqual(
            emulator.records().map(({ Dimension }) => Dimension),
            ['api'],
          );
          writeFileSync(second, csv(row(2, '6')));
          assert.equal((await batch(second)).code, 0);
          assert.deepEqual(
            emulator.records().map(({ Quantity }) => Quantity),
            [1, 6],
          );
        });
      });
    }
  }
});

test('--late carry puts no units on an hour of which a row is invalid', async () => {
  const shift = Date.parse('2026-11-22T10:10:00Z') - clock.now();
  const used = (hour: string, quantity: string): string =>
    `2026-11-22T${hour}:00:00Z,111122223333,exampleproduct,gb,${quantity}`;
  await withEmulator(
    async (emulator, own) => {
      const env = { ...own, NODE_OPTIONS: SHIFTS_CLOCK, CLOCK_OFFSET_MS: String(shift) };
      const file = fileWith(csv(used('07', '10')));
      assert.equal((await tool(['batch', file], { env })).code, 0);
      writeFileSync(file, csv(used('07', '12'), used('09', 'x')));
      const ended = await tool(['batch', file, '--late', 'carry', '--skip-invalid'], { env });
      assert.equal(ended.code, 4, ended.stderr);
      assert.deepEqual(
        emulator
          .records()
          .map(({ Timestamp }) => new Date(Number(Timestamp) * 1000).toISOString().slice(11, 13)),
        ['07', '08'],
      );
    },
    { now: () => new Date(clock.now() + shift) },
  );
});
