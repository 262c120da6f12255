import { below, createRandom, type Random } from '../../../src/emulator/faults/random.ts';

/** Dice of their own for each case, so that one can be played again without those before it. */
export const diceOf = (seed: number, place: number): Random =>
  createRandom((Math.imul(seed, 0x9e3779b1) ^ Math.imul(place + 1, 0x85ebca6b)) >>> 0);

export const chance = (share: number, dice: Random): boolean => dice() < share;

export const pick = <T>(items: readonly [T, ...T[]], dice: Random): T =>
  items[below(items.length, dice)] as T;

export const between = (least: number, most: number, dice: Random): number =>
  least + below(most - least + 1, dice);
