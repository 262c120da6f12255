const VOLUMES: readonly string[] = ['part', 'full', 'all'];

const asked = process.env['AMPMETER_TEST_VOLUME'] ?? 'part';
const volume = VOLUMES.indexOf(asked);
if (volume < 0) throw new Error(`AMPMETER_TEST_VOLUME is part, full or all, not ${asked}`);

/** `npm test` runs a part of the long tests; `.ci/run` runs them in full as well. */
export const isFull: boolean = volume >= 1;

/** Before a release: also what takes too long for `.ci/run`, and each command with the built tool. */
export const isAll: boolean = volume >= 2;

/** No property is sampled with fewer cases than this, unless it has fewer in full. */
const FEWEST = 20;

/** How many random cases a property is tried with, of so many in full. */
export const sampled = (inFull: number): number =>
  isFull ? inFull : Math.min(inFull, Math.max(FEWEST, Math.ceil(inFull / 5)));
