import type { Output } from '../operations/operation.ts';
import type { Lost, Reply } from '../reply.ts';
import type { Refusal } from '../rules/refusals.ts';
import { type Random, shuffled } from './random.ts';
import type { Fault, FaultEffect } from './table.ts';

/** A fault with its parameter. */
export type ArmedFault = { readonly fault: Fault; readonly parameter: string };

/** The faults of one call, at the points where they can apply, in the order of these points. */
export type InjectedFault = {
  /** How far the clock of signatures and `Date` is shifted. */
  readonly skewMs: number;
  /** What replaces the call; undefined: the call is carried out. */
  readonly instead: () => Refusal | Lost | undefined;
  /** The positions of the records that are left unprocessed, of this many. */
  readonly withheld: (records: number) => ReadonlySet<number>;
  readonly result: (output: Output) => Output | Refusal;
  readonly reply: (reply: Reply) => Reply;
  /** The names of the faults that have had an effect so far, joined with `+`; undefined: none. */
  readonly applied: () => string | undefined;
};

/** `armed` must be in the order of the table. */
export const injectFault = (armed: readonly ArmedFault[], random: Random): InjectedFault => {
  const applied: string[] = [];
  let skewMs = 0;
  for (const { name, effect, parameter } of ofKind(armed, 'skew')) {
    skewMs += effect.ms(parameter);
    applied.push(name);
  }
  return {
    skewMs,
    instead: () => {
      const [first] = ofKind(armed, 'instead');
      if (first === undefined) return undefined;
      applied.push(first.name);
      return first.effect.answer(first.parameter);
    },
    withheld: records => {
      let largest = 0;
      for (const { name, effect, parameter } of ofKind(armed, 'hold back')) {
        const count = effect.count(parameter, records);
        if (count > 0) applied.push(name);
        largest = Math.max(largest, count);
      }
      return new Set(shuffled([...new Array(records).keys()], random).slice(0, largest));
    },
    result: output => {
      let result: Output = output;
      for (const { name, effect } of ofKind(armed, 'result')) {
        const changed = effect.change(result, random);
        if (changed !== result) applied.push(name);
        if ('kind' in changed) return changed;
        result = changed;
      }
      return result;
    },
    reply: reply => {
      let changed = reply;
      for (const { name, effect, parameter } of ofKind(armed, 'reply')) {
        // Nothing more can happen to a closed connection.
        if (changed.cut !== undefined) break;
        changed = effect.change(changed, parameter);
        applied.push(name);
      }
      return changed;
    },
    applied: () => (applied.length === 0 ? undefined : applied.join('+')),
  };
};

type Of<K extends FaultEffect['kind']> = {
  readonly name: string;
  readonly parameter: string;
  readonly effect: Extract<FaultEffect, { kind: K }>;
};

const ofKind = <K extends FaultEffect['kind']>(armed: readonly ArmedFault[], kind: K): Of<K>[] =>
  armed
    .filter(({ fault }) => fault.effect.kind === kind)
    .map(({ fault, parameter }) => ({
      name: fault.name,
      parameter,
      effect: fault.effect as Extract<FaultEffect, { kind: K }>,
    }));
