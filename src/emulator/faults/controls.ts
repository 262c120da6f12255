import type { Read } from '../rules/shape.ts';
import { type Faults, NO_FAULT, type ScriptEntry } from './faults.ts';
import { parseFault, parseScriptedFault } from './parse.ts';

/**
 * The body of `POST /_emulator/faults`: any of these members. All of them take effect, or none.
 *
 *     {"faults": ["throttle:0.1", "slow:0.2@500"]}   replaces the random faults
 *     {"add": ["reset-after:0.05"]}                  adds random faults
 *     {"next": ["reset-after", "ok", "error503@2"]}  a script: the fault of each of the next three calls
 *     {"next": [["reorder", "slow@50"]]}             several faults of one call
 *     {"next": "throttle", "count": 3}               repeats the script three times
 *     {"seed": 7}                                    restarts the random numbers
 *
 * A script is appended to the script in progress; random faults do not apply while a script lasts. Each call that names an
 * operation uses one entry, even if the call is rejected.
 */
export type FaultChange = {
  readonly faults?: readonly string[];
  readonly add?: readonly string[];
  readonly next?: string | readonly (string | readonly string[])[];
  readonly count?: number;
  readonly seed?: number;
};

/** Changes the faults, or returns what is wrong with the change. */
export const changeFaults = (faults: Faults, body: Readonly<Record<string, unknown>>): string | undefined => {
  const unknown = Object.keys(body).find(name => !MEMBERS.includes(name));
  if (unknown !== undefined) return `unknown member ${JSON.stringify(unknown)}; use ${MEMBERS.join(', ')}`;
  const { count = 1, seed } = body;
  if (!isWhole(count, 1, MAX_SCRIPT_ENTRIES))
    return `count must be a whole number from 1 to ${MAX_SCRIPT_ENTRIES}`;
  if (seed !== undefined && !isWhole(seed, 0, 2 ** 32 - 1)) return 'seed must be a whole number of 32 bits';
  if (body.count !== undefined && body.next === undefined) return 'count needs next';

  const set = listOf('faults', body.faults, parseFault);
  const add = listOf('add', body.add, parseFault);
  const next = scriptOf(body.next);
  for (const read of [set, add, next]) if (read?.ok === false) return read.message;
  const script = next?.ok ? next.value : [];
  if (script.length * count + faults.state().next.length > MAX_SCRIPT_ENTRIES)
    return `a script has at most ${MAX_SCRIPT_ENTRIES} entries`;

  if (seed !== undefined) faults.reseed(seed);
  if (set?.ok) faults.set(set.value);
  if (add?.ok) faults.add(add.value);
  faults.script(Array.from({ length: count }, () => script).flat());
  return undefined;
};

const MEMBERS: readonly string[] = ['faults', 'add', 'next', 'count', 'seed'] satisfies (keyof FaultChange)[];

/** Of the whole script. */
const MAX_SCRIPT_ENTRIES = 10_000;

const isWhole = (value: unknown, min: number, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

const listOf = <T>(name: string, value: unknown, parse: (text: string) => Read<T>): Read<T[]> | undefined => {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return { ok: false, message: `${name} must be a list of strings` };
  const items: T[] = [];
  for (const text of value) {
    if (typeof text !== 'string') return { ok: false, message: `${name} must be a list of strings` };
    const read = parse(text);
    if (!read.ok) return read;
    items.push(read.value);
  }
  return { ok: true, value: items };
};

const scriptOf = (value: unknown): Read<ScriptEntry[]> | undefined => {
  if (value === undefined) return undefined;
  const script: ScriptEntry[] = [];
  for (const entry of Array.isArray(value) ? value : [value]) {
    if (entry === NO_FAULT) {
      script.push([]);
      continue;
    }
    const read = listOf('an entry of next', Array.isArray(entry) ? entry : [entry], parseScriptedFault);
    if (read?.ok === false) return read;
    script.push(read?.value ?? []);
  }
  return { ok: true, value: script };
};
