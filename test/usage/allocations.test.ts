import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  allocationTrouble,
  apiAllocations,
  inOrder,
  parseAllocations,
  parseTag,
  tagSetOf,
} from '../../src/usage/allocations.ts';
import { LIMITS } from '../../src/usage/limits.ts';
import type { Tag, UsageAllocation } from '../../src/usage/record.ts';
import { sampled } from '../helpers/volume.ts';
import { parsedValue, troubleOf } from './samples.ts';

const TAG_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 +-=._:/@';

test('of all characters, a tag takes those that both the prose and the pattern of the service model take', () => {
  for (let code = 0; code <= 0xffff; code++) {
    const character = String.fromCharCode(code);
    const taken = TAG_CHARACTERS.includes(character);
    assert.equal(parseTag(`k${character}k`, 'v').ok, taken, `key with U+${code.toString(16)}`);
    assert.equal(parseTag('k', `v${character}v`).ok, taken, `value with U+${code.toString(16)}`);
    if (taken) assert.match(character, LIMITS.tagKey.pattern);
    if (taken) assert.match(character, LIMITS.tagValue.pattern);
  }
});

const TAGS: readonly (readonly [key: string, value: string, trouble: RegExp])[] = [
  ['', 'x', /^a tag needs a key/],
  ['k'.repeat(101), 'x', /^tag key "k{60}…" is longer than 100 characters/],
  ['Dept\n', 'x', /^tag key "Dept\\n" has a character that AWS does not accept/],
  ['Dépt', 'x', /^tag key "Dépt" has a character that AWS does not accept/],
  ['Dept', '', /^tag "Dept" has no value \/ omit the tag/],
  ['Dept', 'v'.repeat(257), /^the value of tag "Dept" is longer than 256 characters/],
  ['Dept', 'a;b', /^the value of tag "Dept" has a character that AWS does not accept/],
  ['Dept', 'a\\b', /^the value of tag "Dept" has a character that AWS does not accept/],
  ['Dept', 'Köln', /^the value of tag "Dept" has a character that AWS does not accept/],
  [' Dept', 'x', /^tag key " Dept" has a space before or after it \/ did you mean "Dept"\?/],
  ['Dept', 'IT ', /^the value of tag "Dept" has a space before or after it \/ did you mean "IT"\?/],
  ['Dept', '  ', /^tag "Dept" has no value \/ omit the tag/],
  ['Dept', 'NULL', /^the value of tag "Dept" is a missing value written as text: "NULL" \/ .*omits the tag/],
  ['Dept', '<NA>', /^the value of tag "Dept" is a missing value written as text: "<NA>"/],
  ['nan', 'IT', /^tag key is a missing value written as text: "nan"/],
];

for (const [key, value, trouble] of TAGS) {
  test(`tag ${JSON.stringify(`${key}=${value}`.slice(0, 40))} is refused`, () => {
    assert.match(troubleOf(parseTag(key, value)), trouble);
  });
}

test('tags called Null are taken when that is allowed, with the characters that AWS takes', () => {
  const allowed = { allowNullText: true };
  const tag = { key: 'none', value: 'Null' };
  assert.deepEqual(parsedValue(parseTag(tag.key, tag.value, allowed)), tag);
  assert.match(troubleOf(parseTag('Dept', '<NA>', allowed)), /a character that AWS does not accept/);
  const list = '[{"AllocatedUsageQuantity":1,"Tags":[{"Key":"Dept","Value":"Null"}]}]';
  assert.deepEqual(parsedValue(parseAllocations(list, allowed)), [usage(1, { Dept: 'Null' })]);
  assert.match(troubleOf(parseAllocations('null', allowed)), /missing value written as text/);
});

test('a tag of the greatest length is taken', () => {
  const tag = { key: 'k'.repeat(100), value: 'v'.repeat(256) };
  assert.deepEqual(parsedValue(parseTag(tag.key, tag.value)), tag);
});

const usage = (allocatedUsageQuantity: number, tags?: Readonly<Record<string, string>>): UsageAllocation => ({
  allocatedUsageQuantity,
  tags: tags === undefined ? undefined : Object.entries(tags).map(([key, value]) => ({ key, value })),
});

test('two tag sets are one exactly when they hold the same tags', () => {
  const tags = fc.uniqueArray(
    fc.record({ key: fc.constantFrom('a', 'ab', 'b'), value: fc.constantFrom('a', 'b', 'ba') }),
    { selector: tag => tag.key, maxLength: 3 },
  );
  const plain = (set: readonly Tag[]) => new Set(set.map(({ key, value }) => JSON.stringify([key, value])));
  fc.assert(
    fc.property(tags, tags, (a, b) => {
      const same = a.length === b.length && [...plain(a)].every(tag => plain(b).has(tag));
      assert.equal(tagSetOf(a) === tagSetOf(b), same);
      assert.equal(tagSetOf(a), tagSetOf(a.toReversed()));
    }),
    { numRuns: sampled(2000) },
  );
  assert.equal(tagSetOf(undefined), tagSetOf([]));
});

const many = (count: number): UsageAllocation[] =>
  Array.from({ length: count }, (_, index) => usage(1, { Dept: `d${index}` }));
const fiveKeys = { a: '1', b: '1', c: '1', d: '1', e: '1' };

const LISTS: readonly (readonly [
  what: string,
  list: readonly UsageAllocation[],
  trouble: RegExp | undefined,
])[] = [
  ['one allocation without tags', [usage(7)], undefined],
  ['one allocation of nothing', [usage(0)], undefined],
  ['a tagged and an untagged bucket', [usage(2, { Dept: 'IT' }), usage(1)], undefined],
  ['five tags', [usage(1, fiveKeys)], undefined],
  ['2500 allocations', many(2500), undefined],
  ['the same key with other values', [usage(1, { Dept: 'IT' }), usage(1, { Dept: 'HR' })], undefined],
  ['a set inside a set', [usage(1, { a: '1' }), usage(1, { a: '1', b: '1' })], undefined],
  ['no allocation', [], /^the list of allocations is empty$/],
  ['2501 allocations', many(2501), /^2501 allocations; AWS accepts at most 2500$/],
  ['six tags', [usage(1, { ...fiveKeys, f: '1' })], /^an allocation has 6 tags; AWS accepts at most 5$/],
  [
    'six keys over two allocations',
    [usage(1, fiveKeys), usage(1, { f: '1' })],
    /^6 different tag keys; AWS accepts at most 5$/,
  ],
  ['two untagged buckets', [usage(1), usage(1)], /^two allocations have no tags$/],
  [
    'the same tags in another order',
    [usage(1, { a: '1', b: '2' }), usage(1, { b: '2', a: '1' })],
    /^two allocations have the same tags$/,
  ],
  [
    'one key twice',
    [
      {
        allocatedUsageQuantity: 1,
        tags: [
          { key: 'a', value: '1' },
          { key: 'a', value: '2' },
        ],
      },
    ],
    /^an allocation has the same tag key twice$/,
  ],
];

for (const [what, list, trouble] of LISTS) {
  test(`${what}: ${trouble === undefined ? 'AWS takes it' : 'AWS refuses it'}`, () => {
    const sum = list.reduce((total, { allocatedUsageQuantity }) => total + allocatedUsageQuantity, 0);
    const found = allocationTrouble(list, sum);
    if (trouble === undefined) assert.equal(found, undefined);
    else assert.match(found ?? '', trouble);
  });
}

test('allocations must add up to the quantity', () => {
  const list = [usage(2, { Dept: 'IT' }), usage(1)];
  assert.equal(allocationTrouble(list, 3), undefined);
  assert.equal(allocationTrouble(list, 4), 'the allocations add up to 3, the quantity is 4');
  const two = [usage(2_147_483_647, { Dept: 'IT' }), usage(1)];
  assert.equal(
    allocationTrouble(two, 2_147_483_647),
    'the allocations add up to 2147483648, the quantity is 2147483647',
  );
});

test('allocations are read in the spelling of the API', () => {
  const text =
    '[{"AllocatedUsageQuantity":1}, {"AllocatedUsageQuantity":2,"Tags":[{"Key":"Dept","Value":"IT"}]}]';
  assert.deepEqual(parsedValue(parseAllocations(text)), [usage(1), usage(2, { Dept: 'IT' })]);
  assert.deepEqual(parsedValue(parseAllocations('[]')), []);
});

const TEXTS: readonly (readonly [text: string, trouble: RegExp])[] = [
  ['', /must be JSON \/ for example \[/],
  ['IT=2', /must be JSON/],
  ["[{'AllocatedUsageQuantity':1}]", /must be JSON/],
  ['[{"AllocatedUsageQuantity":1},]', /must be JSON/],
  ['[{"AllocatedUsageQuantity":NaN}]', /must be JSON/],
  ['{"AllocatedUsageQuantity":1}', /must be a JSON list/],
  ['null', /^the list of allocations is a missing value written as text: "null" \/ .*leaves the cell empty/],
  ['NaN', /^the list of allocations is a missing value written as text: "NaN"/],
  ['[NULL]', /^the list of allocations is a missing value written as text: "\[NULL\]"/],
  ['[null]', /^allocation 1: must be an object/],
  ['[[]]', /^allocation 1: must be an object/],
  ['[1]', /^allocation 1: must be an object/],
  ['[{}]', /^allocation 1: AllocatedUsageQuantity must be a whole number from 0 to 2147483647/],
  ['[{"AllocatedUsageQuantity":"1"}]', /^allocation 1: AllocatedUsageQuantity must be a whole number/],
  [
    '[{"AllocatedUsageQuantity":"nan"}]',
    /^allocation 1: AllocatedUsageQuantity is a missing value written as text: "nan"/,
  ],
  [
    '[{"AllocatedUsageQuantity":1,"Tags":[{"Key":"Dept","Value":"None"}]}]',
    /^allocation 1: the value of tag "Dept" is a missing value written as text: "None" \/ .*--allow-null-text$/,
  ],
  [
    '[{"AllocatedUsageQuantity":1,"Tags":[{"Key":"nan","Value":"IT"}]}]',
    /^allocation 1: tag key is a missing value written as text: "nan"/,
  ],
  ['[{"AllocatedUsageQuantity":1.5}]', /^allocation 1: AllocatedUsageQuantity must be a whole number/],
  ['[{"AllocatedUsageQuantity":1e3}]', /must be a whole number in plain digits, not "1e3"/],
  ['[{"AllocatedUsageQuantity" : 1},{"AllocatedUsageQuantity":1E+2}]', /in plain digits, not "1E\+2"/],
  ['[{"AllocatedUsageQuantity":1.00000000000000000000001}]', /in plain digits, not "1\.0+1"/],
  ['[{"AllocatedUsageQuantity":-1}]', /^allocation 1: AllocatedUsageQuantity must be a whole number/],
  ['[{"AllocatedUsageQuantity":1e999}]', /^allocation 1: AllocatedUsageQuantity must be a whole number/],
  ['[{"AllocatedUsageQuantity":9007199254740993}]', /must be a whole number from 0 to 2147483647/],
  ['[{"AllocatedUsageQuantity":2147483648}]', /must be a whole number from 0 to 2147483647/],
  ['[{"AllocatedUsageQuantity":1},{"Quantity":1}]', /^allocation 2: unknown member "Quantity"/],
  ['[{"AllocatedUsageQuantity":1,"tags":[]}]', /^allocation 1: unknown member "tags"/],
  ['[{"AllocatedUsageQuantity":1,"__proto__":{"Tags":1}}]', /^allocation 1: unknown member "__proto__"/],
  [`[{"${'x'.repeat(1000)}":1}]`, /^allocation 1: unknown member "x{60}…"/],
  ['[{"AllocatedUsageQuantity":1,"Tags":[]}]', /Tags must be a list with at least one tag \/ omit Tags/],
  ['[{"AllocatedUsageQuantity":1,"Tags":null}]', /Tags must be a list with at least one tag/],
  ['[{"AllocatedUsageQuantity":1,"Tags":{"Dept":"IT"}}]', /Tags must be a list with at least one tag/],
  ['[{"AllocatedUsageQuantity":1,"Tags":["Dept"]}]', /a tag must be \{"Key": "…", "Value": "…"\}/],
  ['[{"AllocatedUsageQuantity":1,"Tags":[null]}]', /a tag must be/],
  ['[{"AllocatedUsageQuantity":1,"Tags":[{"Key":"Dept"}]}]', /a tag must be/],
  ['[{"AllocatedUsageQuantity":1,"Tags":[{"Key":"Dept","Value":1}]}]', /a tag must be/],
  ['[{"AllocatedUsageQuantity":1,"Tags":[{"Key":"Dept","Value":"IT","x":1}]}]', /a tag must be/],
  ['[{"AllocatedUsageQuantity":1,"Tags":[{"Key":"Dept","Value":""}]}]', /tag "Dept" has no value/],
  [
    '[{"AllocatedUsageQuantity":1,"Tags":[{"Key":"Dept;","Value":"IT"}]}]',
    /a character that AWS does not accept/,
  ],
  [
    '[{"AllocatedUsageQuantity":1},{"AllocatedUsageQuantity":1,"AllocatedUsageQuantity":2}]',
    /^allocation 2: "AllocatedUsageQuantity" occurs twice \/ keep the correct one$/,
  ],
  [
    '[{"AllocatedUsageQuantity":1,"Tags":[{"Key":"a","Value":"x"}],"Tags":[{"Key":"b","Value":"x"}]}]',
    /^allocation 1: "Tags" occurs twice/,
  ],
  [
    '[{"AllocatedUsageQuantity":1,"Tags":[{"Key":"a","Value":"x"},{"Key":"b","Value":"x","\\u0056alue":"x"}]}]',
    /^allocation 1, tag 2: "Value" occurs twice/,
  ],
  ['{"a":1,"a":1}', /must be a JSON list, and "a" occurs twice/],
];

for (const [text, trouble] of TEXTS) {
  test(`usage allocations ${JSON.stringify(text.slice(0, 60))} are refused`, () => {
    assert.match(troubleOf(parseAllocations(text)), trouble);
  });
}

const tagged = fc
  .uniqueArray(fc.constantFrom('Dept', 'Env', 'Team', 'a b', 'a'), { maxLength: 5 })
  .chain(keys =>
    fc
      .tuple(...keys.map(() => fc.constantFrom('IT', 'HR', 'x')))
      .map(values =>
        keys.length === 0 ? undefined : keys.map((key, index) => ({ key, value: values[index] ?? 'x' })),
      ),
  );
const lists: fc.Arbitrary<UsageAllocation[]> = fc.uniqueArray(
  fc.record({ allocatedUsageQuantity: fc.nat(9), tags: tagged }),
  { selector: allocation => tagSetOf(allocation.tags), minLength: 1, maxLength: 8 },
);
const shuffled = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length });

/** As a seller's own program may write them. */
const apiText = (list: readonly UsageAllocation[]): string =>
  JSON.stringify(
    list.map(({ allocatedUsageQuantity, tags }) => ({
      Tags: tags?.map(({ key, value }) => ({ Value: value, Key: key })),
      AllocatedUsageQuantity: allocatedUsageQuantity,
    })),
  );

test('allocations in the spelling of the API are read back as they were', () => {
  fc.assert(
    fc.property(lists, list => {
      assert.deepEqual(parsedValue(parseAllocations(JSON.stringify(apiAllocations(list)))), inOrder(list));
    }),
  );
});

test('allocations are the same to the byte however the list and its tags were ordered', () => {
  const twoOrders = lists.chain(list =>
    fc.tuple(fc.constant(list), shuffled(list), fc.boolean()).map(([a, b, turn]) => ({
      a,
      b: b.map(({ allocatedUsageQuantity, tags }) => ({
        allocatedUsageQuantity,
        tags: turn ? tags?.toReversed() : tags,
      })),
    })),
  );
  fc.assert(
    fc.property(twoOrders, ({ a, b }) => {
      assert.equal(JSON.stringify(inOrder(a)), JSON.stringify(inOrder(b)));
      assert.deepEqual(parsedValue(parseAllocations(apiText(b))), inOrder(a));
      assert.deepEqual(
        new Set(inOrder(a).map(({ tags }) => tagSetOf(tags))),
        new Set(a.map(({ tags }) => tagSetOf(tags))),
      );
    }),
    { numRuns: sampled(1000) },
  );
});
