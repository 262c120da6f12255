import { quoted } from '../rules/refusals.ts';
import type { Read } from '../rules/shape.ts';
import type { Reading } from './behaviour.ts';
import { BEHAVIOURS, type Behaviours } from './behaviours.ts';

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
