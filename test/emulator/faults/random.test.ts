import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { below, createRandom, shuffled } from '../../../src/emulator/faults/random.ts';

const rolls = (seed: number, count: number): number[] => {
  const dice = createRandom(seed);
  return Array.from({ length: count }, dice);
};

describe('dice', () => {
  it('fall alike for one seed and otherwise for another', () => {
    assert.deepEqual(rolls(7, 100), rolls(7, 100));
    assert.notDeepEqual(rolls(7, 100), rolls(8, 100));
  });

  it('fall as they always did, so that a seed in a report still tells its story', () => {
    assert.deepEqual(
      rolls(0, 3).map(roll => Math.floor(roll * 1e6)),
      [266_429, 329, 223_272],
    );
  });

  it('show numbers from 0 to 1, evenly enough', () => {
    for (const seed of [0, 1, 2 ** 32 - 1]) {
      const all = rolls(seed, 10_000);
      assert.ok(all.every(roll => roll >= 0 && roll < 1));
      const mean = all.reduce((sum, roll) => sum + roll, 0) / all.length;
      assert.ok(mean > 0.48 && mean < 0.52, `seed ${seed}: ${mean}`);
    }
  });

  it('choose among so many, each at some time', () => {
    const dice = createRandom(1);
    const seen = new Set(Array.from({ length: 200 }, () => below(5, dice)));
    assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4]);
  });

  it('shuffle without losing anything, and leave the original alone', () => {
    const items = Array.from({ length: 25 }, (_, index) => index);
    const mixed = shuffled(items, createRandom(1));
    assert.notDeepEqual(mixed, items);
    assert.deepEqual(
      mixed.toSorted((a, b) => a - b),
      items,
    );
    assert.deepEqual(
      items,
      items.toSorted((a, b) => a - b),
    );
  });
});
