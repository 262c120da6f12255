import type { Row } from './row.ts';
import { BUYERS } from './rows/buyers.ts';
import { CLOUDTRAIL_ROWS } from './rows/cloudtrail.ts';
import { DEDUPLICATION } from './rows/deduplication.ts';
import { IDENTITY } from './rows/identity.ts';
import { LIMITS_ROWS } from './rows/limits.ts';
import { REFUSALS } from './rows/refusals.ts';
import { TIME } from './rows/time.ts';
import { WIRE } from './rows/wire.ts';

/** Every rule that the reference has on the service and that an endpoint can be asked about. */
export const ROWS: readonly Row[] = [
  ...DEDUPLICATION,
  ...TIME,
  ...REFUSALS,
  ...IDENTITY,
  ...LIMITS_ROWS,
  ...WIRE,
  ...BUYERS,
  ...CLOUDTRAIL_ROWS,
];

/** The parts of a reference to which the sections belong, by the number in front of the point. */
export const SECTIONS: Readonly<Record<string, string>> = {
  1: 'Deduplication and idempotency',
  2: 'Time, subscriptions, refusals',
  3: 'Identity',
  4: 'Limits and fields',
  5: 'Wire format and errors',
  6: 'Regions',
  7: 'RegisterUsage',
  8: 'ResolveCustomer',
  9: 'CloudTrail',
  10: 'Permissions',
};
