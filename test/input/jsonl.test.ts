import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { membersOf } from '../../src/input/json-members.ts';
import { INPUT_LIMITS } from '../../src/input/problem.ts';
import { checkRow } from '../../src/usage/check.ts';
import { timestampReader } from '../../src/usage/timestamp.ts';
import { sampled } from '../helpers/volume.ts';
import { covered, line, read } from './reading.ts';

const GOOD =
  '{"timestamp":"2026-08-24T10:00:00Z","customer_aws_account_id":"123456789012","dimension":"gb-stored","quantity":42}';

const jsonl = (text: string, options = {}) => read(text, { format: 'jsonl', ...options });

const cellsOf = async (text: string): Promise<Readonly<Record<string, string>>> => {
  const { rows, problems } = await jsonl(text);
  assert.deepEqual(problems.map(line), []);
  const [row] = rows;
  return Object.fromEntries(row?.columns.names.map((name, index) => [name, row.cells[index] ?? '']) ?? []);
};

test('a line is a row, its members the cells', async () => {
  const { rows, problems } = await jsonl(`\n${GOOD}\r\n\r\n  ${GOOD}  \n${GOOD}`);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    rows.map(row => row.line),
    [2, 4, 5],
  );
  assert.deepEqual(rows[0]?.cells, ['2026-08-24T10:00:00Z', '123456789012', 'gb-stored', '42']);
  assert.deepEqual(rows[0]?.columns.known, {
    timestamp: 0,
    customer_aws_account_id: 1,
    dimension: 2,
    quantity: 3,
  });
  assert.equal(rows[0]?.raw, GOOD);
  assert.equal(rows[0]?.columns, rows[2]?.columns);
  assert.equal(rows[0]?.locate, rows[2]?.locate);
});

test("the API's own names are understood", async () => {
  const { rows, problems } = await jsonl(
    '{"Timestamp":1756029600,"CustomerAWSAccountId":"123456789012","LicenseArn":null,"Dimension":"gb","Quantity":1,"UsageAllocations":[{"AllocatedUsageQuantity":1}],"tag:Team":"a"}',
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(rows[0]?.cells, [
    '1756029600',
    '123456789012',
    '',
    'gb',
    '1',
    '[{"AllocatedUsageQuantity":1}]',
    'a',
  ]);
  assert.deepEqual(rows[0]?.columns.tags, [{ key: 'Team', index: 6 }]);
});

const VALUES: readonly (readonly [json: string, cell: string])[] = [
  ['7.0', '7.0'],
  ['1e3', '1e3'],
  ['-0', '-0'],
  ['9007199254740993', '9007199254740993'],
  ['123456789012345678901234567890.5E+7', '123456789012345678901234567890.5E+7'],
  ['true', 'true'],
  ['null', ''],
  ['""', ''],
  ['" a\\tb "', ' a\tb '],
  ['"\\u0041\\"\\\\\\/\\ud83d\\ude00"', 'A"\\/😀'],
  ['"}],{[\\\\"', '}],{[\\'],
];

test('values keep the digits they are written with', async () => {
  for (const [json, cell] of VALUES) {
    const cells = await cellsOf(`${GOOD.slice(0, -1)} ,\t"note" : ${json} }`);
    assert.equal(cells['note'], cell, json);
  }
});

test('null is no value, and the word for it in quotes is a text that no value may be', async () => {
  const options = {
    now: new Date('2026-08-24T12:00:00Z'),
    timestamp: undefined,
    productCode: 'p',
    readTimestamp: timestampReader(undefined),
    allowRoundAccounts: false,
    allowNullText: false,
  };
  const problemsOf = async (json: string): Promise<string[]> => {
    const { rows, problems } = await jsonl(`${json}\n`);
    assert.deepEqual(problems.map(line), []);
    return rows
      .flatMap(row => checkRow(row, options).problems)
      .map(({ message, span }) => `${message} at ${covered(json, span)}`);
  };
  const tagged = (value: string): string => GOOD.replace('}', `,"license_arn":null,"tag:Dept":${value}}`);
  assert.deepEqual(await problemsOf(tagged('null')), []);
  assert.deepEqual(await problemsOf(tagged('"null"')), [
    'the value of tag "Dept" is a missing value written as text: "null" at "null"',
  ]);
  assert.deepEqual(await problemsOf(GOOD.replace('gb-stored', 'None').replace('42', '"NaN"')), [
    'dimension is a missing value written as text: "None" at "None"',
    'quantity is a missing value written as text: "NaN" at "NaN"',
  ]);
});

test('usage allocations are a list or its text, and keep their own spelling', async () => {
  const list = '[ {"AllocatedUsageQuantity": 42.0, "Tags": [{"Key": "]", "Value": "\\"}"}]} ]';
  const asList = await cellsOf(`${GOOD.slice(0, -1)},"UsageAllocations":${list}}`);
  assert.equal(asList['UsageAllocations'], list);
  const asText = await cellsOf(`${GOOD.slice(0, -1)},"usage_allocations":${JSON.stringify(list)}}`);
  assert.equal(asText['usage_allocations'], list);
});

test('members of the prototype are members like any other', async () => {
  const { rows } = await jsonl(`{"__proto__":"evil","constructor":"c",${GOOD.slice(1)}`);
  assert.deepEqual(rows[0]?.columns.names.slice(0, 2), ['__proto__', 'constructor']);
  assert.deepEqual(rows[0]?.cells.slice(0, 2), ['evil', 'c']);
  assert.ok(!('evil' in {}));
});

const WRONG: readonly (readonly [json: string, problem: RegExp])[] = [
  [GOOD.slice(0, -1), /^1(:\d+)? the line is not valid JSON \/ write one JSON object on each line, as jq -c/],
  ['{', /^1(:\d+)? the line is not valid JSON/],
  ['{"a":x}', /^1:6 the line is not valid JSON/],
  ["{'quantity': 1}", /^1:2 the line is not valid JSON/],
  [`${GOOD} ${GOOD}`, /^1(:\d+)? the line is not valid JSON/],
  [`${GOOD},`, /^1(:\d+)? the line is not valid JSON/],
  ['42', /^1 the line is not a JSON object/],
  ['null', /^1 the line is not a JSON object/],
  ['"text"', /^1 the line is not a JSON object/],
  [
    '{}',
    /^1 missing member customer_aws_account_id or .*,1 missing member dimension.*,1 missing member quantity.*,1 missing member timestamp/,
  ],
  [
    GOOD.replace('"quantity"', '"quantty"'),
    /^1:102 unknown member "quantty": did you mean quantity\?[^\n]*rename it$/,
  ],
  [GOOD.replace('}', ',"quantity":7}'), /^1:116 two members for quantity: "quantity" and "quantity"/],
  [
    GOOD.replace('}', ',"UsageQuantity":7}'),
    /^1:116 two members for quantity: "quantity" and "UsageQuantity"/,
  ],
  [GOOD.replace('}', ',"x":1,"x":1}'), /^1:122 two members with the same name/],
  [
    GOOD.replace('}', ',"Tags":[]}'),
    /^1:123 the value must be a string or a number \/ .*"tag:Key": "value"$/,
  ],
  [GOOD.replace('42', '{"n":42}'), /^1:113 the value must be a string or a number/],
  [
    GOOD.replace('gb-stored', 'a\\u0000'),
    /^1:\d+ the text contains a NUL or half a character \(a lone surrogate\)/,
  ],
  [
    GOOD.replace('gb-stored', '\\ud83d'),
    /^1:\d+ the text contains a NUL or half a character \(a lone surrogate\)/,
  ],
  [GOOD.replace('gb-stored', 'x'.repeat(INPUT_LIMITS.cell + 1)), /^1:\d+ the cell is longer than 64 kB/],
  [
    `{"deep":${'['.repeat(200_000)}${']'.repeat(200_000)},${GOOD.slice(1)}`,
    /^1:9 the value must be a string or a number/,
  ],
];

test('a bad line is one or more problems, and the next line is read', async () => {
  for (const [json, problem] of WRONG) {
    const { rows, problems } = await jsonl(`${json}\n${GOOD}\n`);
    assert.match(problems.map(line).join(), problem, json.slice(0, 100));
    assert.ok(problems.every(({ endsFile }) => !endsFile));
    assert.deepEqual(
      rows.map(row => row.line),
      [2],
    );
  }
});

test('a line of more than 1 MB ends the file', async () => {
  const { rows, problems } = await jsonl(`${GOOD}\n{"note":"${'"'.repeat(INPUT_LIMITS.record)}`);
  assert.equal(rows.length, 1);
  assert.deepEqual(problems.map(line), [
    '2 the row is longer than 1 MB / is this a CSV or JSON Lines file? (ends)',
  ]);
});

test('a file without rows is refused unless that is allowed', async () => {
  for (const text of ['', '\n\n']) {
    assert.deepEqual((await jsonl(text)).problems.map(line), [
      '1 the file has no rows / if there was no usage, use --allow-empty (ends)',
    ]);
    assert.deepEqual((await jsonl(text, { allowEmpty: true })).items, []);
  }
});

test('a mapped member may be missing in a line, but not in all of them', async () => {
  const map = new Map([['license_arn', 'lic']] as const);
  const withIt = GOOD.replace('}', ',"lic":"arn"}');
  const some = await jsonl(`${GOOD}\n${withIt}\n`, { map });
  assert.deepEqual(some.problems, []);
  assert.deepEqual(some.rows[1]?.columns.known.license_arn, 4);
  const none = await jsonl(`${GOOD}\n`, { map });
  assert.deepEqual(none.problems.map(line), [
    '1 no line has the member "lic", which license_arn is mapped to / fix the name in --map (ends)',
  ]);
});

test('lines of many shapes are read', async () => {
  const lines = Array.from({ length: 500 }, (_, index) => GOOD.replace('}', `,"c${index % 250}":${index}}`));
  const { rows, problems } = await jsonl(lines.join('\n'));
  assert.deepEqual(problems, []);
  rows.forEach((row, index) => {
    assert.equal(row.columns.names[4], `c${index % 250}`);
    assert.equal(row.cells[4], String(index));
  });
});

test('the members of any object are found where they stand', () => {
  const spaces = fc.constantFrom(0, 1, '\t');
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), spaces, (object, space) => {
      const text = JSON.stringify(object, null, space).replaceAll('\n', '');
      const members = membersOf(text);
      assert.deepEqual(
        members.map(member => [member.name, JSON.parse(text.slice(member.start, member.end))]),
        Object.entries(JSON.parse(text)),
      );
      for (const { name, keyStart, keyEnd } of members)
        assert.equal(JSON.parse(text.slice(keyStart, keyEnd)), name);
    }),
    { numRuns: sampled(500) },
  );
});

test('locate finds the value of a member', async () => {
  const raw = GOOD.replace('{', '{"größe😀": "日本", ');
  const { rows } = await jsonl(raw);
  const [row] = rows;
  const texts = row?.cells.map((_, index) => covered(raw, row.locate(raw, index)));
  assert.deepEqual(texts, ['"日本"', '"2026-08-24T10:00:00Z"', '"123456789012"', '"gb-stored"', '42']);
  assert.equal(row?.locate(raw, 9), undefined);
});
