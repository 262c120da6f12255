import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseAllocationFlag } from '../../../src/commands/meter/allocations.ts';
import { parsedValue, troubleOf } from '../../usage/samples.ts';

describe('--allocation', () => {
  const READ: readonly (readonly [text: string, quantity: number, tags: readonly string[] | undefined])[] = [
    ['Dept=Sales:12', 12, ['Dept=Sales']],
    ['Dept=Sales,Env=prod:0', 0, ['Dept=Sales', 'Env=prod']],
    [':12', 12, undefined],
    ['Url=http://x:80/:5', 5, ['Url=http://x:80/']],
    ['Sum=a=b:5', 5, ['Sum=a=b']],
  ];
  for (const [text, quantity, tags] of READ) {
    test(`${text} is ${quantity} for ${tags?.join(' and ') ?? 'no tag'}`, () => {
      const read = parseAllocationFlag(text);
      assert.ok(read.ok);
      assert.deepEqual(
        [read.value.allocatedUsageQuantity, read.value.tags?.map(({ key, value }) => `${key}=${value}`)],
        [quantity, tags],
      );
    });
  }
  const WRONG: readonly (readonly [text: string, pattern: RegExp])[] = [
    ['', /no quantity/],
    ['Dept=Sales', /no quantity/],
    ['Dept=Sales:', /quantity/],
    ['Dept=Sales:-1', /quantity/],
    ['Dept=Sales:1.5', /quantity/],
    ['Dept:12', /is not a tag/],
    ['Dept=Sales,:12', /is not a tag/],
    ['=Sales:12', /key/],
    ['Dept=:12', /no value/],
    ['Dept=a;b:12', /character/],
    ['Env=prod,Dept=null:12', /^the value of tag "Dept" is a missing value written as text: "null"/],
    ['None=Sales:12', /^tag key is a missing value/],
    ['Dept=Sales:1,5', /^quantity must be a whole number/],
    ['Dept=Sales, Env=prod:12', /^tag key " Env" has a space before or after it/],
    ['Dept=Sales:null', /^quantity is a missing value/],
  ];
  for (const [text, pattern] of WRONG) {
    test(`${JSON.stringify(text)} is refused`, () =>
      assert.match(troubleOf(parseAllocationFlag(text)), pattern));
  }
});

test('--allocation with a team called Null is read when that is allowed', () => {
  assert.deepEqual(parsedValue(parseAllocationFlag('Team=Null:12', { allowNullText: true })), {
    allocatedUsageQuantity: 12,
    tags: [{ key: 'Team', value: 'Null' }],
  });
});

test('--allocation with a fraction is read when fractions are rounded', () => {
  const round = 'nearest';
  assert.deepEqual(parsedValue(parseAllocationFlag('Dept=Sales:1.5', { round })), {
    allocatedUsageQuantity: 2,
    used: '1.5',
    tags: [{ key: 'Dept', value: 'Sales' }],
  });
  assert.match(troubleOf(parseAllocationFlag('Dept=Sales:1,5', { round })), /^quantity must be a number/);
});
