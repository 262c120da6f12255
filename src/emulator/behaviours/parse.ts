import { quoted } from '../rules/refusals.ts';
import type { Read } from '../rules/shape.ts';
import type { Reading } from './behaviour.ts';
import { BEHAVIOURS, type Behaviours } from './behaviours.ts';

/** What is in force where nothing else is said: the first reading of each row. */
export const DEFAULT_BEHAVIOURS: Behaviours = Object.fromEntries(
  BEHAVIOURS.map(({ name, readings: [{ reading }] }) => [name, reading]),
) as Behaviours;

/** `texts` as `--behaviour` takes them, `NAME=READING` each; what none of them names is as by default. */
export const readBehaviours = (texts: readonly string[]): Read<Behaviours> => {
  const chosen = new Map<string, string>();
  for (const text of texts) {
    const [name = '', ...rest] = text.split('=');
    const reading = rest.length === 0 ? undefined : rest.join('=');
    const readings = READINGS.get(name);
    if (readings === undefined) return wrong(`no behaviour is called ${quoted(name)}; there are ${NAMES}`);
    const names = readings.map(row => row.reading).join(', ');
    if (reading === undefined) return wrong(`${name} has no reading; there are ${names}`);
    if (!readings.some(row => row.reading === reading)) {
      return wrong(`${name} has no reading ${quoted(reading)}; there are ${names}`);
    }
    const before = chosen.get(name) ?? reading;
    if (before !== reading) return wrong(`${name} cannot be ${before} and ${reading} at once`);
    chosen.set(name, reading);
  }
  return { ok: true, value: { ...DEFAULT_BEHAVIOURS, ...Object.fromEntries(chosen) } };
};

/** The same for a program's options. Throws when they make no sense. */
export const behavioursOf = (texts: readonly string[]): Behaviours => {
  const read = readBehaviours(texts);
  if (!read.ok) throw new RangeError(read.message);
  return read.value;
};

const READINGS: ReadonlyMap<string, readonly Reading[]> = new Map(
  BEHAVIOURS.map(({ name, readings }): [string, readonly Reading[]] => [name, readings]),
);

const NAMES = [...READINGS.keys()].join(', ');

const wrong = (message: string): { readonly ok: false; readonly message: string } => ({ ok: false, message });
