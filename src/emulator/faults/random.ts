/** The next random number, from 0 up to but not including 1. */
export type Random = () => number;

/** Mulberry32: the same numbers for the same seed on every machine. `seed` is a 32-bit whole number. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** A whole number from 0 up to but not including `end`. */
export const below = (end: number, random: Random): number => Math.floor(random() * end);

/** The items in random order, each order with the same probability (Fisher and Yates). */
export const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = below(last + 1, random);
    [mixed[last], mixed[other]] = [mixed[other] as T, mixed[last] as T];
  }
  return mixed;
};
