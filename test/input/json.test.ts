import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseQuantity } from '../../src/usage/quantity.ts';
import { sampled } from '../helpers/volume.ts';
import { covered, line, read, utf8 } from './reading.ts';

const RECORD = {
  Timestamp: 1795935600,
  CustomerAWSAccountId: '111122223333',
  Dimension: 'users',
  Quantity: 3,
  UsageAllocations: [{ AllocatedUsageQuantity: 3, Tags: [{ Key: 'a', Value: '}]"\\' }] }],
};
const OTHER = { ...RECORD, Dimension: 'gb' };
const REQUEST = { ProductCode: 'code', UsageRecords: [RECORD, OTHER] };
const FULL = { ...RECORD, ProductCode: 'code' };
const FULL_OTHER = { ...OTHER, ProductCode: 'code' };
const LAST = { UsageRecords: [RECORD, OTHER], ProductCode: 'code' };

const pretty = (value: unknown): string => JSON.stringify(value, undefined, 2);

const json = (text: string, cuts: readonly number[] = []) => read(text, { format: 'json', cuts });

const READ: readonly (readonly [what: string, text: string, records: readonly object[]])[] = [
  ['a request of the AWS CLI', JSON.stringify(REQUEST), [FULL, FULL_OTHER]],
  [
    'a request in other spellings',
    JSON.stringify({ ...REQUEST, UsageRecords: undefined, usage_records: [RECORD] }),
    [FULL],
  ],
  ['a request on many lines', pretty(REQUEST), [FULL, FULL_OTHER]],
  ['a request whose product comes last', pretty(LAST), [FULL, FULL_OTHER]],
  ['several requests', `${pretty(REQUEST)}\n${JSON.stringify(LAST)}\n`, [FULL, FULL_OTHER, FULL, FULL_OTHER]],
  ['a list of requests', pretty([REQUEST, LAST]), [FULL, FULL_OTHER, FULL, FULL_OTHER]],
  ['a list of records', pretty([FULL, FULL_OTHER]), [FULL, FULL_OTHER]],
  ['two lists', `${pretty([FULL])}${JSON.stringify([FULL_OTHER])}`, [FULL, FULL_OTHER]],
  ['an empty list and a record', `[]\n${pretty(FULL)}`, [FULL]],
  ['JSON Lines', `${JSON.stringify(FULL)}\r\n${JSON.stringify(FULL_OTHER)}\r\n\u001a`, [FULL, FULL_OTHER]],
];

for (const [what, text, records] of READ) {
  test(`${what} is read, whatever the pieces`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 5 }), async cuts => {
        const { rows, problems } = await json(text, cuts);
        assert.deepEqual(problems.map(line), []);
        assert.deepEqual(
          rows.map(({ raw }) => JSON.parse(raw)),
          records,
        );
      }),
      { numRuns: sampled(100) },
    );
  });
}

test('numbers keep their digits', async () => {
  const text = JSON.stringify([FULL])
    .replace('"Quantity":3', '"Quantity":3.0')
    .replace('1795935600', '1795935600.000');
  const [row] = (await json(text)).rows;
  assert.deepEqual(row?.cells.slice(0, 4), ['1795935600.000', '111122223333', 'users', '3.0']);
});

test('a number with three zeros after the point is whole, a text is not', async () => {
  for (const format of ['json', 'jsonl'] as const) {
    const cellsOf = async (quantity: string): Promise<string | undefined> => {
      const text = JSON.stringify(FULL).replace('"Quantity":3', `"Quantity":${quantity}`);
      return (await read(text, { format })).rows[0]?.cells[3];
    };
    for (const whole of ['3.000', '999.000']) {
      assert.deepEqual(parseQuantity((await cellsOf(whole)) ?? ''), { ok: true, value: Number(whole) });
      assert.equal(await cellsOf(`"${whole}"`), whole);
    }
    for (const other of ['3.0', '3.00', '3.500', '1e3', '1000.000'])
      assert.equal(await cellsOf(other), other);
  }
});

test('true and false are no names', async () => {
  for (const format of ['json', 'jsonl'] as const) {
    const text = JSON.stringify({ ...FULL, Dimension: true, note: false });
    const { problems } = await read(text, { format });
    assert.match(
      problems.map(line).join(),
      /^1:\d+ the value must be a string or a number, not true or false/,
    );
    assert.equal(covered(text, problems[0]?.span), 'true');
  }
});

test('a place is that of the file, also beside members of the request', async () => {
  const bad = { ...RECORD, Quantity: 1.5 };
  const text = JSON.stringify({ ProductCode: 'prod-abc', UsageRecords: [RECORD, bad] });
  const { rows } = await json(text);
  const places = rows.map(row => [0, 3, 5].map(cell => covered(text, row.locate(row.raw, cell))));
  assert.deepEqual(places, [
    ['1795935600', '3', undefined],
    ['1795935600', '1.5', undefined],
  ]);
});

test('a request in JSON Lines is refused with the format that reads it', async () => {
  const { rows, problems } = await read(`${JSON.stringify(FULL)}\n${JSON.stringify(REQUEST)}\n`, {
    format: 'jsonl',
  });
  assert.equal(rows.length, 1);
  assert.deepEqual(problems.map(line), [
    '2:23 this is a request with a list of records, not a record / use --input-format json, or name the file .json',
  ]);
});

test('a bad byte in a request is refused at its place', async () => {
  const text = pretty(REQUEST);
  const at = text.lastIndexOf('users');
  const bytes = Uint8Array.from(utf8(text));
  bytes[at] = 0xff;
  const { problems } = await read(bytes, { format: 'json' });
  const before = text.slice(0, at).split('\n');
  assert.match(
    problems.map(line).join(),
    new RegExp(`^${before.length}:${(before.at(-1) ?? '').length + 1} byte 0xFF`),
  );
});

test('a request whose long members would be copied for each of many records is refused', async () => {
  const note = `"note":"${'a'.repeat(400_000)}"`;
  const many = `{${note},\n"UsageRecords":[${Array.from({ length: 2000 }, () => '{}').join(',')}]}`;
  assert.match((await json(many)).problems.map(line).join(), /^1:1 the object is longer than 1 MB/);
});

test('a row is on the line of its record, and a cell of that line has its column', async () => {
  const one = '{"Timestamp": 1, "CustomerAWSAccountId": "1", "Dimension": "é", "Quantity": 7}';
  const text = `[\n  ${one},\n  ${one}, ${one}\n]\n`;
  const { rows } = await json(text);
  assert.deepEqual(
    rows.map(row => row.line),
    [2, 3, 3],
  );
  for (const row of rows) {
    const span = row.locate(row.raw, 3);
    assert.equal(covered(row.raw, span), '7');
    assert.equal(covered(text.split('\n')[row.line - 1] ?? '', span), '7');
  }
  const [first, second] = (await json(pretty(REQUEST))).rows;
  assert.deepEqual([first?.line, second?.line], [4, 21]);
  assert.equal(first?.locate(first.raw, 3), undefined);
});

const REFUSED: readonly (readonly [what: string, text: string, problem: RegExp])[] = [
  ['nothing', ' \n', /^1 the file has no rows/],
  ['an empty list', '[]', /^1 the file has no rows/],
  ['a request without records', '{"ProductCode":"c","UsageRecords":[]}', /^1 the file has no rows/],
  ['a request that is cut off', pretty(REQUEST).slice(0, -1), /^1:1 the JSON ends before it is complete/],
  ['a list that is cut off', `[${pretty(FULL)}`, /^\d+:2 the JSON ends before it is complete/],
  ['a comma too many', `[${JSON.stringify(FULL)},]`, /^1:\d+ the text here is not valid JSON/],
  ['a missing comma', `[${JSON.stringify(FULL)} {}]`, /^1:\d+ the text here is not valid JSON/],
  ['a number', '7', /^1:1 the text here is not valid JSON/],
  ['text after a list', `[]\n x`, /^2:2 the text here is not valid JSON/],
  ['a list in a list', `[[]]`, /^1:2 the text here is not valid JSON/],
  ['wrong brackets', '{"a":[}', /^1:7 the text here is not valid JSON/],
  ['a value that is none', `[{"a":1},\n {"b": x}]`, /2:8 the text here is not valid JSON/],
  ['Ctrl-Z between records', '{"a":1}\u001a{"b":2}', /1:8 the text here is not valid JSON/],
  ['Ctrl-Z in a list', '[{"a":1}\u001a,{"b":2}]', /1:9 the text here is not valid JSON/],
  ['invalid JSON', '{"a":1,}', /^1:8 the text here is not valid JSON/],
  ['invalid JSON on a later line', '[{},\n{"a":1\n "b":2}]', /3:2 the text here is not valid JSON/],
  ['records that are no list', '{"UsageRecords":7}', /^1:17 UsageRecords must be a list of objects/],
  ['records that are no objects', '{"UsageRecords":[7]}', /^1:18 UsageRecords must be a list of objects/],
  [
    'two lists of records',
    '{"UsageRecords":[],"UsageRecords":[]}',
    /^1:20 UsageRecords must be a list of objects/,
  ],
  [
    'a product twice',
    `{"ProductCode":"c","UsageRecords":[${JSON.stringify(FULL)}]}`,
    /^1 two members for product_code/,
  ],
  [
    'a misspelled member',
    `{"ProductCde":"c","UsageRecords":[${JSON.stringify(RECORD)}]}`,
    /^1 unknown member "ProductCde"/,
  ],
  ['a very long request', `{"a":"${'a'.repeat(1_100_000)}"}`, /^1:1 the object is longer than 1 MB/],
  ['HTML', '<html>', /^1 the file is HTML/],
];

for (const [what, text, problem] of REFUSED) {
  test(`${what} is refused at its place`, async () => {
    for (const cuts of [[], [1], [text.length - 1]]) {
      const { problems } = await json(text, cuts);
      assert.match(problems.map(line).join('\n'), problem);
    }
  });
}

test('a long list is read a record at a time', async () => {
  const text = `[${Array.from({ length: 20_000 }, () => JSON.stringify(FULL)).join(',')}]`;
  const { rows, problems } = await json(text);
  assert.deepEqual(problems.map(line), []);
  assert.equal(rows.length, 20_000);
  assert.equal(rows.at(-1)?.locate(rows.at(-1)?.raw ?? '', 0), undefined);
});
