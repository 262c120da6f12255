import type { Behaviour } from './behaviour.ts';
import { CLOUDTRAIL } from './cloudtrail.ts';
import { DEDUPLICATION } from './deduplication.ts';
import { ERRORS } from './errors.ts';
import { IDENTITY } from './identity.ts';
import { INPUT } from './input.ts';
import { METER_USAGE } from './meter-usage.ts';
import { REGISTRATION } from './registration.ts';
import { WINDOWS } from './windows.ts';

/**
 * What `--behaviour NAME=READING` can choose. To add a point, add a row to one of the lists: the type, the flag, its errors
 * and the help follow from it, and a test fails until the row has its cases.
 */
export const BEHAVIOURS = [
  ...DEDUPLICATION,
  ...WINDOWS,
  ...IDENTITY,
  ...INPUT,
  ...METER_USAGE,
  ...REGISTRATION,
  ...ERRORS,
  ...CLOUDTRAIL,
] as const satisfies readonly Behaviour[];

type Row = (typeof BEHAVIOURS)[number];

/** The reading in effect for each name. */
export type Behaviours = { readonly [R in Row as R['name']]: R['readings'][number]['reading'] };
