import { quoted } from '../rules/refusals.ts';
import type { Read } from '../rules/shape.ts';
import type { Behaviour, Reading } from './behaviour.ts';
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

type AnyBehaviour = (typeof BEHAVIOURS)[number];

/** The reading in effect for each name. */
export type Behaviours = { readonly [R in AnyBehaviour as R['name']]: R['readings'][number]['reading'] };

/** The defaults: the first reading of each row. */
export const DEFAULT_BEHAVIOURS: Behaviours = Object.fromEntries(
  BEHAVIOURS.map(({ name, readings: [{ reading }] }) => [name, reading]),
) as Behaviours;

/** `texts` as `--behaviour` takes them, `NAME=READING` each; other behaviors have their defaults. */
export const readBehaviours = (texts: readonly string[]): Read<Behaviours> => {
  const chosen = new Map<string, string>();
  for (const text of texts) {
    const [name = '', ...rest] = text.split('=');
    const reading = rest.length === 0 ? undefined : rest.join('=');
    const readings = READINGS.get(name);
    if (readings === undefined)
      return invalid(`unknown behavior ${quoted(name)}; the behaviors are ${NAMES}`);
    const names = readings.map(row => row.reading).join(', ');
    if (reading === undefined) return invalid(`no reading for ${name}; use one of ${names}`);
    if (!readings.some(row => row.reading === reading)) {
      return invalid(`unknown reading ${quoted(reading)} of ${name}; use one of ${names}`);
    }
    const before = chosen.get(name) ?? reading;
    if (before !== reading) return invalid(`${name} cannot be both ${before} and ${reading}`);
    chosen.set(name, reading);
  }
  return { ok: true, value: { ...DEFAULT_BEHAVIOURS, ...Object.fromEntries(chosen) } };
};

/** The same for `startEmulator`. Throws when a text is invalid. */
export const behavioursOf = (texts: readonly string[]): Behaviours => {
  const read = readBehaviours(texts);
  if (!read.ok) throw new RangeError(read.message);
  return read.value;
};

const READINGS: ReadonlyMap<string, readonly Reading[]> = new Map(
  BEHAVIOURS.map(({ name, readings }): [string, readonly Reading[]] => [name, readings]),
);

const NAMES = [...READINGS.keys()].join(', ');

const invalid = (message: string): { readonly ok: false; readonly message: string } => ({
  ok: false,
  message,
});
