import { type Armed, createStrike, type InjectedFault } from './injected-fault.ts';
import { inTableOrder, type Likely, parseFault, spellArmed, spellFault } from './parse.ts';
import { createDice, type Dice } from './random.ts';

/** What is to happen to one call; empty: nothing. */
export type Scripted = readonly Armed[];

/** In the spelling that it is set with. */
export type FaultState = {
  readonly faults: readonly string[];
  readonly next: readonly (string | readonly string[])[];
  readonly seed: number;
};

export type Faults = {
  /** What strikes the next call that names an operation; undefined: nothing. */
  readonly strike: () => InjectedFault | undefined;
  /** These instead of those there are. */
  readonly set: (faults: readonly Likely[]) => void;
  readonly add: (faults: readonly Likely[]) => void;
  /** After what is scripted already. While a script lasts, chance has no say. */
  readonly script: (next: readonly Scripted[]) => void;
  /** Starts the dice again. */
  readonly reseed: (seed: number) => void;
  /** No faults, no script; the dice go on. */
  readonly clear: () => void;
  readonly state: () => FaultState;
};

/** `texts` as `--fault` takes them. The same seed gives the same faults for the same calls. */
export const createFaults = (texts: readonly string[] = [], firstSeed = 0): Faults => {
  let likely = texts.map(likelyOf);
  let scripted: Scripted[] = [];
  let seed = firstSeed;
  let dice: Dice = createDice(seed);
  const roll = (): Scripted => likely.filter(({ probability }) => dice() < probability);
  return {
    strike: () => {
      if (likely.length === 0 && scripted.length === 0) return undefined;
      const armed = scripted.shift() ?? roll();
      return armed.length === 0 ? undefined : createStrike(inTableOrder(armed), dice);
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
      dice = createDice(seed);
    },
    clear: () => {
      likely = [];
      scripted = [];
    },
    state: () => ({ faults: likely.map(spellFault), next: scripted.map(spellScripted), seed }),
  };
};

/** Stands in a script for an answer without a fault. */
export const OK = 'ok';

const spellScripted = (armed: Scripted): string | readonly string[] => {
  const [only = OK, ...more] = armed.map(spellArmed);
  return more.length === 0 ? only : [only, ...more];
};

const likelyOf = (text: string): Likely => {
  const parsed = parseFault(text);
  if (!parsed.ok) throw new RangeError(parsed.message);
  return parsed.value;
};
