import type { Output } from '../operations/operation.ts';
import type { Lost, Reply } from '../reply.ts';
import type { Refusal } from '../rules/refusals.ts';
import { type Random, shuffled } from './random.ts';
import type { Fault, FaultEffect } from './table.ts';

/** A fault with what it is told to do. */
export type ArmedFault = { readonly fault: Fault; readonly parameter: string };

/** The faults of one call, at the places where they can strike, in the order a call passes them. */
export type InjectedFault = {
  /** How far the clock of signatures and `Date` is off. */
  readonly skewMs: number;
  /** What is answered although the call is not carried out; undefined: it may go on. */
  readonly instead: () => Refusal | Lost | undefined;
  /** The places of the records that are left for later, of so many. */
  readonly heldBack: (records: number) => ReadonlySet<number>;
  readonly result: (output: Output) => Output | Refusal;
  readonly reply: (reply: Reply) => Reply;
  /** The names of the faults that have had an effect so far; undefined: none. */
  readonly applied: () => string | undefined;
};

/** `armed` in the order of the table. */
export const injectFault = (armed: readonly ArmedFault[], random: Random): InjectedFault => {
  const struck: string[] = [];
  let skewMs = 0;
  for (const { name, deed, parameter } of those(armed, 'skew')) {
    skewMs += deed.ms(parameter);
    struck.push(name);
  }
  return {
    skewMs,
    instead: () => {
      const [first] = those(armed, 'instead');
      if (first === undefined) return undefined;
      struck.push(first.name);
      return first.deed.answer(first.parameter);
    },
    heldBack: records => {
      let most = 0;
      for (const { name, deed, parameter } of those(armed, 'hold back')) {
        const count = deed.count(parameter, records);
        if (count > 0) struck.push(name);
        most = Math.max(most, count);
      }
      return new Set(shuffled([...new Array(records).keys()], random).slice(0, most));
    },
    result: output => {
      let result: Output = output;
      for (const { name, deed } of those(armed, 'result')) {
        const changed = deed.change(result, random);
        if (changed !== result) struck.push(name);
        if ('kind' in changed) return changed;
        result = changed;
      }
      return result;
    },
    reply: reply => {
      let changed = reply;
      for (const { name, deed, parameter } of those(armed, 'reply')) {
        // Nothing more can happen to a connection that is cut.
        if (changed.cut !== undefined) break;
        changed = deed.change(changed, parameter);
        struck.push(name);
      }
      return changed;
    },
    applied: () => (struck.length === 0 ? undefined : struck.join('+')),
  };
};

type Of<K extends FaultEffect['kind']> = {
  readonly name: string;
  readonly parameter: string;
  readonly deed: Extract<FaultEffect, { kind: K }>;
};

const those = <K extends FaultEffect['kind']>(armed: readonly ArmedFault[], kind: K): Of<K>[] =>
  armed
    .filter(({ fault }) => fault.effect.kind === kind)
    .map(({ fault, parameter }) => ({
      name: fault.name,
      parameter,
      deed: fault.effect as Extract<FaultEffect, { kind: K }>,
    }));
