import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { IdDigests } from '../../src/ledger/id-digests.ts';

const digestsOf = (ids: readonly string[]): IdDigests => {
  const digests = new IdDigests();
  for (const id of ids) digests.add(id);
  return digests;
};

describe('ids as numbers', () => {
  test('each that was added is found, however many there are', () => {
    const ids = Array.from({ length: 5_000 }, () => randomUUID());
    const digests = digestsOf(ids);
    assert.equal(digests.size, ids.length);
    assert.ok(ids.every(id => digests.mayHave(id)));
  });

  test('what was not added is not found, nor is anything where there is nothing', () => {
    const ids = Array.from(
      { length: 200_000 },
      (_, at) => `a0b1c2d3-0000-4000-8000-${String(at).padStart(12, '0')}`,
    );
    const [even, odd] = [0, 1].map(rest => ids.filter((_, at) => at % 2 === rest));
    const digests = digestsOf(even ?? []);
    assert.ok(!odd?.some(id => digests.mayHave(id)));
    assert.ok(!digests.mayRepeat());
    assert.ok(!digestsOf([]).mayHave('any'));
    assert.ok(!digestsOf([]).mayRepeat());
  });

  test('two that are the same are noticed wherever they stand, also when one is added later', () => {
    const ids = Array.from({ length: 3_000 }, () => randomUUID());
    const [first = ''] = ids;
    assert.ok(digestsOf([...ids, first]).mayRepeat());
    const digests = digestsOf(ids);
    assert.ok(!digests.mayRepeat());
    digests.add(first);
    assert.ok(digests.mayRepeat());
  });

  test('a difference anywhere in a text counts', () => {
    const text = 'abcdefghijklmnopqrstuvwxyz0123456789';
    const others = Array.from(text, (_, at) => `${text.slice(0, at)}!${text.slice(at + 1)}`);
    const digests = digestsOf([text]);
    assert.ok(![...others, '', `${text}a`, text.slice(1)].some(other => digests.mayHave(other)));
    assert.ok(!digestsOf(others).mayRepeat());
  });
});
