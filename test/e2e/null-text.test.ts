import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const ONE = hourAgo(1);
const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity,license_arn,tag:Team,note';
const row = (...[dimension, license, team]: [dimension: string, license: string, team: string]): string =>
  `${ONE},111122223333,exampleproduct,${dimension},5,${license},${team},NULL`;
const csv = (...rows: string[]): string => fileWith([HEADER, ...rows, ''].join('\n'));

describe('batch', () => {
  test('refuses a missing value written as text at its cell, with the remedy, and sends nothing', async () => {
    await withEmulator(async (emulator, env) => {
      const path = csv(row('users', '', 'IT'), row('None', 'NULL', 'nan'));
      const ended = await tool(['batch', path], { env });
      assert.equal(ended.code, 3, ended.stderr);
      const said = (name: string, word: string): RegExp =>
        new RegExp(`:3:[0-9]+: error: ${name} is a missing value written as text: "${word}"`);
      assert.match(ended.stderr, said('dimension', 'None'));
      assert.match(ended.stderr, said('license ARN', 'NULL'));
      assert.match(ended.stderr, said('the value of tag "Team"', 'nan'));
      assert.match(ended.stderr, /help: fix the export .*pandas: na_rep=''.*--allow-null-text/);
      assert.equal(ended.stderr.match(/: error: /g)?.length, 3, ended.stderr);
      assert.deepEqual(emulator.stats().requests ?? 0, 0);
    });
  });

  test('refuses it in JSON Lines, where null is no value', async () => {
    await withEmulator(async (emulator, env) => {
      const members = (team: string | null): string =>
        JSON.stringify({
          timestamp: ONE,
          CustomerAWSAccountId: '111122223333',
          ProductCode: 'exampleproduct',
          LicenseArn: null,
          Dimension: 'users',
          Quantity: 5,
          'tag:Team': team,
        });
      const wrong = await tool(['batch', fileWith(`${members('null')}\n`, 'usage.jsonl')], { env });
      assert.equal(wrong.code, 3);
      assert.match(wrong.stderr, /usage\.jsonl:1:\d+: error: the value of tag "Team" is a missing value/);
      const right = await tool(['batch', fileWith(`${members(null)}\n`, 'usage.jsonl')], { env });
      assert.equal(right.code, 0, right.stderr);
      assert.deepEqual(
        emulator.records().map(({ Quantity, UsageAllocations }) => [Quantity, UsageAllocations]),
        [[5, undefined]],
      );
    });
  });

  test('bills a team called Null with --allow-null-text, and leaves other columns as they are', async () => {
    await withEmulator(async (emulator, env) => {
      const results = join(newFolder(), 'results.csv');
      const args = ['--allow-null-text', '--results', results];
      const ended = await tool(['batch', csv(row('users', '', 'Null')), ...args], { env });
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(emulator.records()[0]?.UsageAllocations, [
        { AllocatedUsageQuantity: 5, Tags: [{ Key: 'Team', Value: 'Null' }] },
      ]);
      const wrong = await tool(['batch', csv(row('gb', 'NULL', 'Null')), '--allow-null-text'], { env });
      assert.equal(wrong.code, 3);
      assert.match(wrong.stderr, /license ARN is a missing value/);
      assert.equal(emulator.records().length, 1);
    });
  });
});

const METER = { '--product-code': 'example', '--dimension': 'users', '--quantity': '3' };
const meter = (flags: Readonly<Record<string, string>>): string[] => [
  'meter',
  ...Object.entries({ ...METER, ...flags }).flat(),
];

describe('on the command line', () => {
  const cases: readonly (readonly [args: string[], pattern: RegExp])[] = [
    [meter({ '--product-code': 'null' }), /--product-code: product code is a missing value/],
    [meter({ '--dimension': 'null' }), /--dimension: dimension is a missing value/],
    [meter({ '--quantity': 'null' }), /--quantity: quantity is a missing value/],
    [meter({ '--timestamp': 'null' }), /--timestamp: timestamp is a missing value/],
    [meter({ '--client-token': 'null' }), /--client-token is a missing value/],
    [meter({ '--allocation': 'Team=null:3' }), /--allocation: the value of tag "Team" is a missing value/],
    [meter({ '--allocation': 'Team=IT:null' }), /--allocation: quantity is a missing value/],
    [['batch', 'usage.csv', '--product-code', 'null'], /--product-code: product code is a missing value/],
    [['batch', 'usage.csv', '--timestamp', 'null'], /--timestamp: timestamp is a missing value/],
    [
      ['register', '--product-code', 'null', '--public-key-version', '1'],
      /--product-code: product code is a missing value/,
    ],
    [
      ['register', '--product-code', 'example', '--public-key-version', '1', '--nonce', 'null'],
      /--nonce is a missing value/,
    ],
    [['resolve', 'null'], /the registration token is a missing value/],
    [['history', '--since', 'null'], /--since is a missing value/],
  ];
  for (const [args, pattern] of cases) {
    test(`${args.join(' ')}: what filled it in found no value`, async () => {
      await withEmulator(async (emulator, env) => {
        const ended = await tool(args, { env });
        assert.equal(ended.code, 2, ended.stderr);
        assert.match(ended.stderr, new RegExp(`${pattern.source} written as text: "null"`));
        assert.match(ended.stderr, /next: +check the command that provides it.*jq -er/);
        assert.deepEqual(emulator.stats().requests ?? 0, 0);
      });
    });
  }

  test('a file for --allocations, and a token file', async () => {
    const list = JSON.stringify([{ AllocatedUsageQuantity: 3, Tags: [{ Key: 'Team', Value: 'None' }] }]);
    for (const [args, code, pattern] of [
      [
        meter({ '--allocations': fileWith('null\n', 'a.json') }),
        3,
        /a\.json: the list of allocations is a missing/,
      ],
      [
        meter({ '--allocations': fileWith(list, 'a.json') }),
        3,
        /allocation 1: the value of tag "Team" is a missing/,
      ],
      [['resolve', '--token-file', fileWith('undefined\n', 't.txt')], 3, /token is a missing value/],
    ] as const) {
      const ended = await tool([...args, '--local']);
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, pattern);
    }
  });

  test('names called Null are sent by meter with --allow-null-text, and other values are refused still', async () => {
    await withEmulator(async (emulator, env) => {
      const named = meter({ '--dimension': 'none', '--allocation': 'Team=Null:3' });
      const ended = await tool([...named, '--allow-null-text'], { env });
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(
        emulator.records().map(({ Dimension, UsageAllocations }) => [Dimension, UsageAllocations]),
        [['none', [{ AllocatedUsageQuantity: 3, Tags: [{ Key: 'Team', Value: 'Null' }] }]]],
      );
      const wrong = await tool([...meter({ '--quantity': 'null' }), '--allow-null-text'], { env });
      assert.equal(wrong.code, 2);
    });
  });
});

describe('gaps --subscribers', () => {
  const list = (dimension: string): string =>
    fileWith(
      `customer_aws_account_id,product_code,dimension,until\n111122223333,exampleproduct,${dimension}\n`,
      'who.csv',
    );

  test('refuses a missing value written as text, and writes no zeros', async () => {
    await withEmulator(async (_, emulated) => {
      const env = { ...emulated, AMPMETER_LEDGER: join(newFolder(), 'ledger.db') };
      assert.equal((await tool(['batch', csv(row('users', '', 'IT'))], { env })).code, 0);
      const zeros = join(newFolder(), 'zeros.csv');
      const ended = await tool(
        ['gaps', '--subscribers', list('None,NULL'), '--within', '24h', '--zero-fill', zeros],
        { env },
      );
      assert.equal(ended.code, 3, ended.stderr);
      assert.match(
        ended.stderr,
        /who\.csv:2:\d+: error: dimension is a missing value written as text: "None"/,
      );
      assert.match(ended.stderr, /who\.csv:2:\d+: error: this is a missing value written as text: "NULL"/);
      assert.equal(existsSync(zeros), false);
    });
  });

  test('with --allow-null-text writes zeros that batch sends as the advice has it', async () => {
    await withEmulator(async (emulator, emulated) => {
      const env = { ...emulated, AMPMETER_LEDGER: join(newFolder(), 'ledger.db') };
      assert.equal((await tool(['batch', csv(row('users', '', 'IT'))], { env })).code, 0);
      const zeros = join(newFolder(), 'zeros.csv');
      const args = [
        '--subscribers',
        list('None,'),
        '--within',
        '24h',
        '--zero-fill',
        zeros,
        '--since',
        '-3h',
      ];
      const ended = await tool(['gaps', ...args, '--allow-null-text'], { env });
      assert.equal(ended.code, 4, ended.stderr);
      const advice = / ampmeter (batch \S+zeros\.csv.*)/.exec(ended.stderr)?.[1]?.split(' ') ?? [];
      assert.ok(advice.includes('--allow-null-text'), ended.stderr);
      assert.equal((await tool(advice, { env })).code, 0);
      assert.ok(emulator.records().some(({ Dimension, Quantity }) => Dimension === 'None' && Quantity === 0));
    });
  });
});
