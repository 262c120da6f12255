import type { Row } from './row.ts';
import { AGREEMENT_ROWS } from './rows/agreements.ts';
import { BUYERS } from './rows/buyers.ts';
import { CLOUDTRAIL_ROWS } from './rows/cloudtrail.ts';
import { DEDUPLICATION } from './rows/deduplication.ts';
import { IDENTITY } from './rows/identity.ts';
import { LIMITS_ROWS } from './rows/limits.ts';
import { REFUSALS } from './rows/refusals.ts';
import { TIME } from './rows/time.ts';
import { WIRE } from './rows/wire.ts';

/** Every rule of the reference that can be checked at an endpoint. */
export const ROWS: readonly Row[] = [
  ...DEDUPLICATION,
  ...TIME,
  ...REFUSALS,
  ...IDENTITY,
  ...LIMITS_ROWS,
  ...WIRE,
  ...BUYERS,
  ...CLOUDTRAIL_ROWS,
  ...AGREEMENT_ROWS,
];

/** The titles of the parts of the reference, by the number before the point of a section. */
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
  11: 'Agreements and products',
};
