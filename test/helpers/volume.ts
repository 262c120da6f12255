const asked = process.env['AMPMETER_TEST_VOLUME'] ?? 'part';
if (asked !== 'part' && asked !== 'full')
  throw new Error(`AMPMETER_TEST_VOLUME is part or full, not ${asked}`);

/** `npm test` plays a part of what takes long; `.ci/run` then plays all of it, in each test file that asks here. */
export const isFull: boolean = asked === 'full';
