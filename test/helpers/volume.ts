const asked = process.env['AMPMETER_TEST_VOLUME'] ?? 'part';
if (asked !== 'part' && asked !== 'full')
  throw new Error(`AMPMETER_TEST_VOLUME is part or full, not ${asked}`);

/** `npm test` runs a part of the long tests; `.ci/run` then runs all of them. */
export const isFull: boolean = asked === 'full';
