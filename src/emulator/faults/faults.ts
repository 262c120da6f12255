import { type ArmedFault, type InjectedFault, injectFault } from './injected-fault.ts';
import { faultText, inTableOrder, parseFault, type RandomFault, scriptedFaultText } from './parse.ts';
import { createRandom, type Random } from './random.ts';

/** The faults of one call; empty: none. */
export type ScriptEntry = readonly ArmedFault[];

/** In the notation in which faults are set. */
export type FaultState = {
  readonly faults: readonly string[];
  readonly next: readonly (string | readonly string[])[];
  readonly seed: number;
};

export type Faults = {
  /** The fault of the next call that names an operation; undefined: none. */
  readonly next: () => InjectedFault | undefined;
  /** Replaces the random faults. */
  readonly set: (faults: readonly RandomFault[]) => void;
  readonly add: (faults: readonly RandomFault[]) => void;
  /** Appends to the script. Random faults do not apply while a script lasts. */
  readonly script: (next: readonly ScriptEntry[]) => void;
  /** Restarts the random numbers. */
  readonly reseed: (seed: number) => void;
  /** Removes faults and script; the random numbers continue. */
  readonly clear: () => void;
  readonly state: () => FaultState;
};

/** `texts` as `--fault` takes them. The same seed gives the same faults for the same calls. */
export const createFaults = (texts: readonly string[] = [], firstSeed = 0): Faults => {
  let randomFaults = texts.map(randomFaultOf);
  let scripted: ScriptEntry[] = [];
  let seed = firstSeed;
  let random: Random = createRandom(seed);
  const roll = (): ScriptEntry => randomFaults.filter(({ probability }) => random() < probability);
  return {
    next: () => {
      if (randomFaults.length === 0 && scripted.length === 0) return undefined;
      const armed = scripted.shift() ?? roll();
      return armed.length === 0 ? undefined : injectFault(inTableOrder(armed), random);
    },
    set: faults => {
      randomFaults = [...faults];
    },
    add: faults => {
      randomFaults = [...randomFaults, ...faults];
    },
    script: next => {
      scripted = [...scripted, ...next];
    },
    reseed: next => {
      seed = next;
      random = createRandom(seed);
    },
    clear: () => {
      randomFaults = [];
      scripted = [];
    },
    state: () => ({ faults: randomFaults.map(faultText), next: scripted.map(scriptEntryText), seed }),
  };
};

/** In a script: a call without a fault. */
export const NO_FAULT = 'ok';

const scriptEntryText = (armed: ScriptEntry): string | readonly string[] => {
  const [only = NO_FAULT, ...more] = armed.map(scriptedFaultText);
  return more.length === 0 ? only : [only, ...more];
};

const randomFaultOf = (text: string): RandomFault => {
  const parsed = parseFault(text);
  if (!parsed.ok) throw new RangeError(parsed.message);
  return parsed.value;
};
