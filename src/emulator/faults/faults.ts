import { type ArmedFault, type InjectedFault, injectFault } from './injected-fault.ts';
import { faultText, inTableOrder, parseFault, type RandomFault, scriptedFaultText } from './parse.ts';
import { createRandom, type Random } from './random.ts';

/** What is to happen to one call; empty: nothing. */
export type ScriptEntry = readonly ArmedFault[];

/** In the spelling that it is set with. */
export type FaultState = {
  readonly faults: readonly string[];
  readonly next: readonly (string | readonly string[])[];
  readonly seed: number;
};

export type Faults = {
  /** What strikes the next call that names an operation; undefined: nothing. */
  readonly next: () => InjectedFault | undefined;
  /** These instead of those there are. */
  readonly set: (faults: readonly RandomFault[]) => void;
  readonly add: (faults: readonly RandomFault[]) => void;
  /** After what is scripted already. While a script lasts, chance has no say. */
  readonly script: (next: readonly ScriptEntry[]) => void;
  /** Starts the random again. */
  readonly reseed: (seed: number) => void;
  /** No faults, no script; the random go on. */
  readonly clear: () => void;
  readonly state: () => FaultState;
};

/** `texts` as `--fault` takes them. The same seed gives the same faults for the same calls. */
export const createFaults = (texts: readonly string[] = [], firstSeed = 0): Faults => {
  let likely = texts.map(likelyOf);
  let scripted: ScriptEntry[] = [];
  let seed = firstSeed;
  let random: Random = createRandom(seed);
  const roll = (): ScriptEntry => likely.filter(({ probability }) => random() < probability);
  return {
    next: () => {
      if (likely.length === 0 && scripted.length === 0) return undefined;
      const armed = scripted.shift() ?? roll();
      return armed.length === 0 ? undefined : injectFault(inTableOrder(armed), random);
    },
    set: faults => {
      likely = [...faults];
    },
    add: faults => {
      likely = [...likely, ...faults];
    },
    script: next => {
      scripted = [...scripted, ...next];
    },
    reseed: next => {
      seed = next;
      random = createRandom(seed);
    },
    clear: () => {
      likely = [];
      scripted = [];
    },
    state: () => ({ faults: likely.map(faultText), next: scripted.map(spellScripted), seed }),
  };
};

/** Stands in a script for an answer without a fault. */
export const NO_FAULT = 'ok';

const spellScripted = (armed: ScriptEntry): string | readonly string[] => {
  const [only = NO_FAULT, ...more] = armed.map(scriptedFaultText);
  return more.length === 0 ? only : [only, ...more];
};

const likelyOf = (text: string): RandomFault => {
  const parsed = parseFault(text);
  if (!parsed.ok) throw new RangeError(parsed.message);
  return parsed.value;
};
